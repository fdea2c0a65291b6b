/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Checks the capabilities of this process, and drops capabilities.
 */
#ifndef XDPDROP_PROCESS_PRIVILEGE_H
#define XDPDROP_PROCESS_PRIVILEGE_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/log.h"

/*
 * Check that this process may load programs, and open programs of others by id. With @pinned the
 * latter is not needed. @can_pin: naming a pinned hook would avoid the error. Without this check a
 * missing capability would look like a missing kernel feature. 0 or -EPERM; logged.
 */
int privilege_check(bool pinned, bool can_pin, const struct log *log);

/*
 * Check that this process may attach programs to interfaces. 0, or -EPERM with the reason in @why.
 */
int privilege_check_attach(char *why, size_t size);

/* Capabilities, a bit for each: those that programs, maps and interfaces need. */
__u64 privilege_to_capture(void);

/* Those that creating and deleting files needs. */
__u64 privilege_to_create(void);

/*
 * Keep only these capabilities, as far as this process has them. The bounding set is emptied, and
 * exec gains no privileges. Called in processes of the library.
 */
void privilege_confine(__u64 capabilities);

/* What privilege_lend() has changed. */
struct privilege_loan {
	bool made;
	__u64 inheritable; /* the set before */
	__u64 ambient;	   /* those that were added to the set */
};

/*
 * Between the two functions, programs that this thread starts have these capabilities, as far as
 * the thread has them, also where it is not root's.
 */
void privilege_lend(__u64 capabilities, struct privilege_loan *loan);
void privilege_take_back(const struct privilege_loan *loan);

#endif

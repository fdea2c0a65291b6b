/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * What this process may do, and what no longer.
 */
#ifndef XDPDROP_PROCESS_PRIVILEGE_H
#define XDPDROP_PROCESS_PRIVILEGE_H

#include <stddef.h>

#include "base/log.h"

/*
 * May this process load programs and see those of others? With @pinned it need not see others;
 * @can_pin: that would help. 0 or -EPERM; logged. Without this check a refusal would look like a
 * kernel that lacks things.
 */
int privilege_check(bool pinned, bool can_pin, const struct log *log);

/* May it attach programs to interfaces? 0, or -EPERM with the reason in @why. */
int privilege_check_attach(char *why, size_t size);

/*
 * Keep only what programs, maps and interfaces ask for, for good: the bounding set empty, nothing
 * to gain by exec. For a process of our own.
 */
void privilege_confine(void);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The protocol of sd_notify(3): readiness, state and signs of life for a service manager. Does
 * nothing where no manager has asked for it.
 */
#ifndef XDPDROP_LOADER_NOTIFY_H
#define XDPDROP_LOADER_NOTIFY_H

#include <linux/types.h>
#include <stdbool.h>

struct notify {
	int fd;	       /* -1: there is no manager */
	bool ready;    /* as sent */
	__u64 keep_ms; /* interval of signs of life, 0: none are asked for */
	__u64 next_ms; /* time of the next one */
};

/* Connect to the manager that the environment names. */
void notify_open(struct notify *notify);

/* The service is ready, from the first call on; @state is what it does. */
__attribute__((format(printf, 2, 3))) void notify_ready(struct notify *notify, const char *state,
							...);

/* A sign of life, when it is due. @now_ms: a steady clock. */
void notify_tick(struct notify *notify, __u64 now_ms);

void notify_close(struct notify *notify);

#endif

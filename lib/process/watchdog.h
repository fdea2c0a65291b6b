/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * A child process that outlives a capture which is killed, and undoes what it did.
 */
#ifndef XDPDROP_PROCESS_WATCHDOG_H
#define XDPDROP_PROCESS_WATCHDOG_H

#include "process/child.h"

/* What the child does, in its copy of the parent's memory as it was at the start. */
struct watchdog_duty {
	void (*begin)(void *data); /* let go of what only the parent may hold */
	void (*watch)(
		void *data);	 /* every second, while the parent lives, also when it is stopped */
	void (*end)(void *data); /* once, when the parent has died without dismissing it */
	void *data;
};

/*
 * Start a watchdog in place of the one in @watchdog, if any. @duty is copied.
 * Errors: socketpair()'s, fork()'s.
 */
int watchdog_start(struct child *watchdog, const struct watchdog_duty *duty);

/* Dismiss it and wait for its end; nothing if there is none. */
void watchdog_stop(struct child *watchdog);

#endif

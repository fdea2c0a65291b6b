/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One way of showing the table: lines, JSON, or a screen.
 */
#ifndef XDPDROP_LOADER_MONITOR_VIEW_H
#define XDPDROP_LOADER_MONITOR_VIEW_H

#include "count/monitor_table.h"

/* Functions return 0, or -errno, which ends the monitor; -EINTR: the user wants it to end. */
struct monitor_view {
	void *data; /* first argument of each function */
	int fd;	    /* to be waited for, -1: none */
	/* The session is armed, and privileges are still there: open what update() needs. */
	int (*begin)(void *data, const struct monitor_table *table);
	/* An interval has ended. */
	int (*update)(void *data, const struct monitor_table *table);
	/* There is something to read from fd, or a signal has arrived. May be NULL. */
	int (*input)(void *data, const struct monitor_table *table);
	/* The session has stopped. Called once after begin(), also after an error. */
	int (*end)(void *data, const struct monitor_table *table);
};

#endif

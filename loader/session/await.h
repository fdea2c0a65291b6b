/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Starts a capture where there is no program yet, or no interface, as soon as there is one.
 */
#ifndef XDPDROP_LOADER_AWAIT_H
#define XDPDROP_LOADER_AWAIT_H

#include "common/report.h"
#include "session/notify.h"

/* What is to be started, and how. */
struct await_start {
	const char *ifname;
	const struct xdpdrop_opts *opts;
	bool wait; /* until interface and program are there */
	bool quiet;
	unsigned int verbose;
	/*
	 * What else is due while it waits for @ms; returns early after a signal. 0, or -errno:
	 * ends the wait. NULL: nothing is.
	 */
	int (*meanwhile)(void *data, int ms);
	/* Replaces the session, which has failed, by one that is set up like it. 0, or -errno. */
	int (*renew)(void *data);
	void *data;
};

/*
 * xdpdrop_activate(), which is repeated a few times if another process changes the programs at that
 * moment, and with @start->wait as long as interface, program or pin are missing; what is missing
 * is reported. @start->renew may change *@session. Returns what xdpdrop_activate() does, or -EINTR
 * after a signal.
 */
int await_activate(struct xdpdrop **session, const struct await_start *start, struct report *report,
		   struct notify *notify);

#endif

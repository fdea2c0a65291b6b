/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * The handle behind struct xdpdrop; shared by the files that implement the public API.
 */
#ifndef XDPDROP_SESSION_H
#define XDPDROP_SESSION_H

#include "delivery.h"
#include "tap.h"

struct xdpdrop {
	struct log log;
	struct xdpdrop_opts opts; /* complete; strings are ours */
	struct kernel kernel;
	struct sites sites;
	struct delivery delivery;
	struct tap_context context;
	const struct tap *tap;
	struct tap_state *state; /* NULL: not armed */
	int epoll_fd, watch_fd, break_fd;
	volatile int broken; /* xdpdrop_break() was called */
	bool active;	     /* between activate and stop */
	bool stopped;
	bool backlog; /* the last round left records behind */
	int error;    /* of the output, first one */
	__u64 next_lease, next_resync;
};

/* Read @ifname and complete @opts into the session's context. Logs errors. */
int session_prepare(struct xdpdrop *session, const char *ifname, const struct xdpdrop_opts *opts);

#endif

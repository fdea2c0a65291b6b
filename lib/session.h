/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * The handle behind struct xdpdrop; shared by the files that implement the public API.
 */
#ifndef XDPDROP_SESSION_H
#define XDPDROP_SESSION_H

#include "delivery.h"
#include "guardian.h"
#include "port.h"

struct xdpdrop {
	struct log log;
	struct xdpdrop_opts opts; /* complete; strings are ours */
	struct kernel kernel;
	struct sites sites;
	struct filters filters;
	struct delivery delivery;
	struct port *ports; /* one per interface */
	unsigned int port_count;
	struct guardian guardian;
	unsigned int guarded; /* generation of sites that the guardian knows */
	int epoll_fd, watch_fd, break_fd;
	volatile int broken; /* xdpdrop_break() was called */
	bool active;	     /* between activate and stop */
	bool stopped;
	bool backlog; /* the last round left records behind */
	int error;    /* of the output, first one */
	__u64 next_lease, next_resync;
};

/*
 * May this process look at programs? 0 or -EPERM; logged. Without this check a refusal would
 * look like a kernel that lacks things.
 */
int session_check_privilege(const struct xdpdrop *session);

/*
 * Complete @opts and read the interfaces that @ifnames lists, separated by commas, into ports.
 * Logs errors.
 */
int session_prepare(struct xdpdrop *session, const char *ifnames, const struct xdpdrop_opts *opts);

/* Remove what dead captures have left in the hooks and on the session's interfaces. */
void session_clean(struct xdpdrop *session);

/* Have a guardian that knows what is armed now; a failure is logged and no more. */
void session_guard(struct xdpdrop *session);
void session_unguard(struct xdpdrop *session);

#endif

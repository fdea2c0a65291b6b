/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * The handle behind struct xdpdrop; shared by the files that implement the public API.
 */
#ifndef XDPDROP_API_SESSION_H
#define XDPDROP_API_SESSION_H

#include "bpf/limits.h"
#include "process/child.h"
#include "process/watchdog.h"
#include "output/sink.h"
#include "record/ring.h"
#include "api/iface.h"
#include "xdp/netns.h"
#include "xdp/link_monitor.h"

enum session_state {
	SESSION_NEW,
	SESSION_FAILED,	   /* its activation has, half way */
	SESSION_ARMED,	   /* this process maintains it */
	SESSION_DELEGATED, /* a control process does */
	SESSION_DISARMED,  /* that has ended; there are records in the rings */
	SESSION_STOPPED,   /* all that was in the rings has been passed on */
};

struct xdpdrop {
	struct log log;
	char *refusal;		      /* what the verifier said last, or NULL */
	struct xdpdrop_opts opts;     /* complete except for the tap; strings are ours */
	const struct tap *tap;	      /* asked for; NULL: the first that works */
	struct xdpdrop_output output; /* its size 0: none */
	struct capture_maps maps;
	struct rings rings;
	struct points points;
	struct sink sink;
	struct limits limits;
	struct iface *ifaces; /* one per interface */
	unsigned int iface_count;
	struct watchdog watchdog;
	struct child control;
	enum session_state state;
	int epoll_fd, monitor_fd, break_fd;
	int netns_fd;	     /* -1: the caller's */
	int speed_fd;	     /* of link_speed_open() */
	bool all_netns;	     /* to be listed */
	int broken;	     /* atomic; xdpdrop_break() was called */
	__u64 control_ended; /* ns, when the control process's death was seen; 0: it lives */
	bool backlog;	     /* the last round left records behind */
	bool untidy;	     /* an interface was disarmed, and its pin may be left */
	int error;	     /* of the output, first one */
	__u64 next_lease, next_resync, last_resync;
	__u32 links[LINK_MONITOR_MAX + 1]; /* interfaces whose events the monitor gets */
	unsigned int link_count;
};

/*
 * Complete @opts and read the interfaces that @ifnames lists, separated by commas, into interfaces.
 * Logs errors.
 */
int session_prepare(struct xdpdrop *session, const char *ifnames, const struct xdpdrop_opts *opts);

/* Close and forget what session_prepare() has read. */
void session_forget_ifaces(struct xdpdrop *session);

/* Let @fd wake the session's poll, for @events of epoll(7); again is no error. 0 or -errno. */
int session_listen_to(struct xdpdrop *session, int fd, __u32 events);

/*
 * What falls due while armed: lease, changes on the interfaces, watchdog. Negative: nothing is
 * left to capture from.
 */
int session_maintain(struct xdpdrop *session);

/* Can the output hold the frames of all interfaces? -EINVAL, logged; or a warning. */
int session_check_link_types(struct xdpdrop *session);

/* The monitor has had an event: look at the interfaces soon. */
void session_links_changed(struct xdpdrop *session);

/* Have the monitor get the events of the interfaces that are captured now. */
void session_choose_links(struct xdpdrop *session);

/* Disarm, and return when none of our programs runs any more. Logs what went wrong. */
void session_disarm(struct xdpdrop *session);

/* Enter the session's network namespace. Errors are logged; then the thread is where it was. */
int session_visit(struct xdpdrop *session, struct netns_visit *visit);

/*
 * Come back. Returns @result, or the error, logged, if the thread could not: what it did next would
 * be done in the wrong place.
 */
int session_return(struct xdpdrop *session, struct netns_visit *visit, int result);

/* Start a control process for an armed session, and close what it now holds. 0 or -errno. */
int control_start(struct xdpdrop *session);

/*
 * Take the messages of the control process, without waiting. 0; negative: the capture is over;
 * -EOWNERDEAD: it was killed. Logged.
 */
int control_receive(struct xdpdrop *session);

/* Have the control process disarm, and wait until it has. */
void control_stop(struct xdpdrop *session);

/* Here: what xdpdrop_activate() does there. */
int session_activate(struct xdpdrop *session, const char *ifname, const struct xdpdrop_opts *opts);

/* session_maintain() and session_disarm() there. */
int session_maintain_there(struct xdpdrop *session);
int session_disarm_there(struct xdpdrop *session);

#endif

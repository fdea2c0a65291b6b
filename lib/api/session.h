/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * struct xdpdrop, shared by the files that implement the public API.
 */
#ifndef XDPDROP_API_SESSION_H
#define XDPDROP_API_SESSION_H

#include <stdlib.h>

#include "bpf/limits.h"
#include "process/child.h"
#include "process/watchdog.h"
#include "output/sink.h"
#include "record/ring.h"
#include "replay/place.h"
#include "api/file_series.h"
#include "api/recording.h"
#include "api/iface.h"
#include "xdp/netns.h"
#include "xdp/link_monitor.h"

/* A producer position may be seen this much later than the clock reading that follows it, in ns. */
#define SETTLE_NS 20000ULL

struct reader;

enum session_state {
	SESSION_NEW,
	SESSION_FAILED,	   /* the activation failed half way */
	SESSION_ARMED,	   /* armed; this process maintains it */
	SESSION_DELEGATED, /* armed; a control process maintains it */
	SESSION_DISARMED,  /* the control process has ended; the rings may have records */
	SESSION_STOPPED,   /* all records have been passed on */
};

struct xdpdrop {
	struct log log;
	char *refusal;		      /* the verifier's last log, or NULL */
	struct xdpdrop_opts opts;     /* complete except for the tap; owns its strings */
	const struct tap *tap;	      /* the requested tap; NULL: the first that works */
	struct xdpdrop_output output; /* size 0: no output */
	struct capture_maps maps;
	struct rings rings;
	struct points points;
	struct sink sink;
	struct reader *reader;	   /* several threads that read instead, see readers.h */
	unsigned int reader_count; /* 0: the thread that polls reads */
	struct limits limits;
	struct iface *ifaces; /* one per interface */
	unsigned int iface_count;
	struct watchdog watchdog;
	struct child control;
	struct file_series files;
	struct recording recording;
	struct counted before; /* the present file began */
	int next_file;	       /* atomic; xdpdrop_next_file() was called */
	enum session_state state;
	int epoll_fd, monitor_fd, break_fd;
	int netns_fd;	     /* -1: the caller's */
	int speed_fd;	     /* of link_speed_open() */
	bool all_netns;	     /* all network namespaces are to be listed */
	int broken;	     /* atomic; xdpdrop_break() was called */
	__u64 control_ended; /* ns, when the control process was found dead; 0: it is alive */
	bool backlog;	     /* the last round has left records that can be read at once */
	bool behind;	     /* it may have left records that are as old as its time, or older */
	bool begun;	     /* the output, or it has failed to */
	bool untidy;	     /* an interface was disarmed, and a pin may be left */
	int error;	     /* first error of the output */
	__u64 next_lease, lease_ends, next_resync, last_resync;
	unsigned int looked_points;	   /* points.added at the last resync */
	__u64 next_look, look_interval;	   /* looks between resyncs; interval 0: none are due */
	__u32 links[LINK_MONITOR_MAX + 1]; /* interfaces selected in the monitor */
	unsigned int link_count;
	struct place place; /* of its replays */
	struct replay_output *replay_output;
};

/* Check and copy @opts, and read the interfaces in @ifnames, separated by commas. Logs errors. */
int session_prepare(struct xdpdrop *session, const char *ifnames, const struct xdpdrop_opts *opts);

/* The same in two steps: the second one compiles the filter. */
int session_prepare_inputs(struct xdpdrop *session, const char *ifnames,
			   const struct xdpdrop_opts *opts);
int session_prepare_filters(struct xdpdrop *session);

/* Close and free what session_prepare() has read. */
void session_forget_ifaces(struct xdpdrop *session);

/*
 * Compile the filter. If it is sure to be needed, session_create_maps() happens at the same time;
 * its errors are not logged then. Errors: session_prepare_filters()'s.
 */
int session_compile(struct xdpdrop *session);

/*
 * Create the maps and rings, unless session_compile() has, and find out how the programs of hooks
 * find a frame's network namespace. Errors: capture_maps_create()'s, logged.
 */
int session_create_maps(struct xdpdrop *session);

/* Destroy what there is of these. */
void session_destroy_maps(struct xdpdrop *session);

/* Have the watchdog keep the lease, before anything is armed. 0 or -errno. */
int session_guard(struct xdpdrop *session);

/* Arm all interfaces. Errors are logged; then session_disarm() is due. */
int session_arm(struct xdpdrop *session);

/* Is it armed, or are there records left in the rings? */
static inline bool session_is_active(const struct xdpdrop *session)
{
	return session->state >= SESSION_ARMED && session->state < SESSION_STOPPED;
}

/* As xdpdrop_begin_output(), of an active session; again: its result. */
int session_begin_output(struct xdpdrop *session);

/* Pass on what is left in the rings, or count it as not written, and finish the output. */
void session_finish_output(struct xdpdrop *session);

/*
 * Periodic work while armed: extend the lease, follow changes of interfaces, keep the watchdog.
 * Negative: nothing is left to capture.
 */
int session_maintain(struct xdpdrop *session);

/* When session_maintain() looks at interfaces again, on clock_monotonic(). */
__u64 session_due(const struct xdpdrop *session);

/* Put that off until @time. */
void session_put_off(struct xdpdrop *session, __u64 time);

/* Log how many records could not be read, if there were any. */
void stats_report_invalid(const struct xdpdrop *session);

/*
 * Check that the output can store the frames of all interfaces. -EINVAL, logged; or only a warning.
 */
int session_check_link_types(struct xdpdrop *session);

/* The monitor has received an event: schedule a resync. */
void session_links_changed(struct xdpdrop *session);

/* Select the captured interfaces in the monitor. */
void session_choose_links(struct xdpdrop *session);

/* Disarm, and wait until no program of the session is running. Logs errors. */
void session_disarm(struct xdpdrop *session);

/* Enter the session's network namespace. Errors are logged; then the thread is where it was. */
int session_visit(struct xdpdrop *session, struct netns_visit *visit);

/*
 * Return to the thread's own network namespace. Returns @result, or a logged error if that failed:
 * the thread's next actions would happen in the wrong namespace.
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

/* session_maintain() and session_disarm() in the session's network namespace. */
int session_maintain_there(struct xdpdrop *session);
int session_disarm_there(struct xdpdrop *session);

/* The verifier's log of an earlier attempt is not that of the next one. */
static inline void session_drop_refusal(struct xdpdrop *session)
{
	free(session->refusal);
	session->refusal = NULL;
}

#endif

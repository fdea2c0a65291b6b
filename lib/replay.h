/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * libxdpdrop: replays, which run an XDP program over frames in memory, with the reasons of its
 * drops; and filters for such frames. See xdpdrop.h for what holds for all functions, and
 * libxdpdrop(3).
 */
#ifndef XDPDROP_REPLAY_H
#define XDPDROP_REPLAY_H

#include "xdpdrop.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * A replay: runs an XDP program over frames that no interface receives, by BPF_PROG_TEST_RUN.
 * Opaque. Belongs to a session, which has its log and its output. Since: 0.2
 */
struct xdpdrop_replay;

/* Which program to run, and how. Zero in a field means its default. Since: 0.2 */
struct xdpdrop_replay_opts {
	size_t size; /* sizeof(struct xdpdrop_replay_opts), for extension */
	/*
	 * A file "FILE" or "FILE:PROGRAM" (default: its first XDP program), which is loaded with
	 * new maps and attached nowhere; or a loaded program: the path of a pin, a decimal id, or
	 * an interface for the program that is attached to it.
	 */
	const char *program;
	/* allow a loaded program: its maps change as if it had received the frames */
	bool live;
	bool one_queue; /* all frames are of queue 0, which is faster; see open */
	bool modified;	/* return the bytes that the program leaves */
	__u32 actions;	/* bit n: find reasons of frames with verdict n; default aborted, drop */
	const char *ifname;  /* interface that appears to receive the frames; default see open */
	const char *reasons; /* as in struct xdpdrop_opts */
	const char *copy_maps_from; /* id or pin of a program: copy the entries of its maps */
	/*
	 * Gets a line for each map that copy_maps_from has filled: entries, type, sizes. NULL: the
	 * log gets it. What is not copied is a warning in the log.
	 */
	xdpdrop_line_fn copied;
	void *copied_data;
	const char *const *map_files; /* "NAME=FILE": entries of a map; the list ends with NULL */
	const char *const *tails;     /* "NAME:INDEX=PROGRAM": a tail call; ends with NULL */
};

/* One frame, owned by the caller. Since: 0.2 */
struct xdpdrop_replay_frame {
	size_t size; /* sizeof(struct xdpdrop_replay_frame), for extension */
	const void *data;
	__u32 caplen;		     /* bytes at data */
	__u32 len;		     /* bytes of the original frame, for the output */
	__u32 rx_queue;		     /* receive queue */
	__u32 reserved;		     /* 0 */
	__u64 realtime;		     /* ns since the epoch, for the output */
	const char *ifname;	     /* its interface in the output; NULL: the replay's */
	const char *const *comments; /* for the output; the list ends with NULL; may be NULL */
};

/* The frame had to run as received by queue 0: the interface lacks its queue. */
#define XDPDROP_REPLAY_QUEUE_0 1U

/* What a program did with a frame. Since: 0.2 */
struct xdpdrop_replay_result {
	size_t size;  /* set by the caller to sizeof(struct xdpdrop_replay_result) */
	__u32 action; /* as returned; a number above 4 is no action, and means aborted */
	__u32 reason; /* 0: none was found */
	__u64 rule;   /* 0: none */
	__u32 ns;     /* time of the run, as measured by the kernel */
	__u32 flags;  /* XDPDROP_REPLAY_... */
	const struct xdpdrop_point *point; /* the hook that the frame took, or the program */
	const char *reason_name;	   /* NULL: it has none */
	/* NULL after a run. The caller may set it before the frame is written; see comment. */
	const char *comment;
	/* opts.modified: the frame as the program left it; valid until the next run */
	const void *data;
	__u32 len;
};

/*
 * Load or find the program of @opts, and arm its hooks. Until the session's last replay is freed,
 * the calling thread stays on one CPU; without opts.ifname and for a program that is not named by
 * an interface it also is in a new network namespace, with one interface of many queues, or with
 * opts.one_queue only the loopback interface. Several replays of a session have maps of their own.
 * Errors: -ENOENT no such program; -EPERM privileges,
 * or a loaded program without opts.live; -EOPNOTSUPP the kernel cannot run it, -EINVAL options,
 * the verifier's; logged. Since: 0.2
 */
int xdpdrop_replay_open(struct xdpdrop *session, const struct xdpdrop_replay_opts *opts,
			struct xdpdrop_replay **replay);

/*
 * Run the program once over a copy of @frame, and fill @result. Errors: -ERANGE: shorter than an
 * Ethernet header; -E2BIG: too long for the kernel; -EMSGSIZE: too long for a program without
 * support of frames in fragments; these three belong to the frame. Others are logged. Since: 0.2
 */
int xdpdrop_replay_run(struct xdpdrop_replay *replay, const struct xdpdrop_replay_frame *frame,
		       struct xdpdrop_replay_result *result);

/*
 * Run it @repeat times more, for the time of one run in *@ns. Changes its maps as often.
 * Errors: as above, -EINTR: after a signal. Since: 0.2
 */
int xdpdrop_replay_time(struct xdpdrop_replay *replay, const struct xdpdrop_replay_frame *frame,
			__u32 repeat, __u32 *ns);

/*
 * Run the program of @replay also in this thread, which is one that the thread of @replay has
 * started since it opened it: on the CPU with number @job, from 0, of those on which that thread
 * could run. The first one is where @replay runs. Maps are those of @replay, as if the program ran
 * on several CPUs. @shared is for this thread's calls of xdpdrop_replay_run() and _time(), and is
 * to be freed before @replay. Errors: -ENOSPC: there are not so many CPUs; others; logged.
 * Since: 0.2
 */
int xdpdrop_replay_share(struct xdpdrop_replay *replay, unsigned int job,
			 struct xdpdrop_replay **shared);

/*
 * @result->comment, or if that is NULL reason and rule in words. NULL: there is none. Valid until
 * the next call for the session. Since: 0.2
 */
const char *xdpdrop_replay_comment(const struct xdpdrop_replay *replay,
				   const struct xdpdrop_replay_result *result);

/*
 * Begin the output of xdpdrop_set_output(), which is a file: no more replays are opened. Since: 0.2
 */
int xdpdrop_replay_begin(struct xdpdrop *session);

/*
 * Write @frame, with verdict, reason and program of @result, to the session's output. Its first
 * comment is that of xdpdrop_replay_comment(). Errors: the output's. Since: 0.2
 */
int xdpdrop_replay_write(struct xdpdrop_replay *replay, const struct xdpdrop_replay_frame *frame,
			 const struct xdpdrop_replay_result *result);

/* Finish the output. 0 or its first error. Since: 0.2 */
int xdpdrop_replay_end(struct xdpdrop *session);

/* Name and id of the program that runs. Valid until it is freed. Since: 0.2 */
const struct xdpdrop_point *xdpdrop_replay_program(const struct xdpdrop_replay *replay);

/* The number of @reason, or the text of a number. False: the program has no such reason. */
bool xdpdrop_replay_find_reason(const struct xdpdrop_replay *replay, const char *name,
				__u32 *reason);

/* Empty the hooks, and unload what was loaded. NULL is allowed. Since: 0.2 */
void xdpdrop_replay_free(struct xdpdrop_replay *replay);

/* A pcap-filter(7) expression for Ethernet frames in memory. Opaque. Since: 0.2 */
struct xdpdrop_filter;

/* Compile @expression. Errors, logged: -EINVAL, -EOPNOTSUPP, -E2BIG, -ENOMEM. Since: 0.2 */
int xdpdrop_filter_new(struct xdpdrop *session, const char *expression,
		       struct xdpdrop_filter **filter);

/* Does a frame of @len bytes, of which @caplen are at @data, match? Since: 0.2 */
bool xdpdrop_filter_match(const struct xdpdrop_filter *filter, const void *data, __u32 caplen,
			  __u32 len);

/* NULL is allowed. Since: 0.2 */
void xdpdrop_filter_free(struct xdpdrop_filter *filter);

#ifdef __cplusplus
}
#endif

#endif

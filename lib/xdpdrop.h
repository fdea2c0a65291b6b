/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * libxdpdrop: captures the frames that XDP programs drop, with their reasons, without changing
 * verdicts. One handle is one capture: create, set, activate, poll, stop, free. Questions about
 * interfaces without a capture are in interface.h, replays of frames in memory in replay.h, sFlow
 * datagrams in sflow.h.
 *
 * A handle belongs to one thread at a time, but xdpdrop_break(), xdpdrop_next_file() and
 * xdpdrop_snapshot() may be called from any thread and from a signal handler. Functions return 0 or
 * a positive count on success and a negative errno on failure; what failed and what to do about it
 * is passed to the handle's log callback. The library never prints, never exits and installs no
 * signal handlers. Threads that a function starts have no signals, call no callback, and have ended
 * when it returns.
 * See libxdpdrop(3).
 */
#ifndef XDPDROP_XDPDROP_H
#define XDPDROP_XDPDROP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include <xdpdrop/record.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A capture session; opaque. Since: 0.1 */
struct xdpdrop;

/* Version of the library as "MAJOR.MINOR.PATCH"; static, never NULL. Since: 0.1 */
const char *xdpdrop_version(void);

enum xdpdrop_log_level {
	XDPDROP_LOG_ERROR,
	XDPDROP_LOG_WARN,
	XDPDROP_LOG_INFO,
	XDPDROP_LOG_DEBUG, /* also messages of libbpf and libxdp */
};

/*
 * Receives one message without a newline; @message lives until the callback returns.
 * Since: 0.1
 */
typedef void (*xdpdrop_log_fn)(void *data, enum xdpdrop_log_level level, const char *message);

/* What a message advises. The application adds the command. Since: 0.2 */
enum xdpdrop_hint {
	XDPDROP_HINT_MOUNT_BPFFS,  /* mount a BPF file system at the path */
	XDPDROP_HINT_HOST_MOUNTS,  /* capture from the mount namespace of the host */
	XDPDROP_HINT_OTHER_MOUNTS, /* capture from the mount namespace of a program's loader */
};

/*
 * Writes the command for @hint to @text, an empty buffer of @size bytes. The message contains it in
 * parentheses. @path: a path that the command needs, or NULL. Since: 0.2
 */
typedef void (*xdpdrop_hint_fn)(void *data, enum xdpdrop_hint hint, const char *path, char *text,
				size_t size);

/*
 * In xdpdrop_opts.actions: capture the kernel's tracepoints for frames that XDP loses, as records
 * with XDPDROP_F_EXCEPTION; only for pcapng and handlers. Since: 0.1
 */
#define XDPDROP_EXCEPTIONS (1U << 31)

/*
 * A structure that begins with its size may be of another version than the library. Fields that an
 * older caller lacks have their defaults. Fields that only a newer caller has must be 0, or are set
 * to 0 in structures that the library fills.
 */

/* What to capture and how. Zero in a field means its default. Since: 0.1 */
struct xdpdrop_opts {
	size_t size;	      /* sizeof(struct xdpdrop_opts), for extension */
	const char *tap;      /* "auto" (default), "hook", "tag", "exit" or "wrap" */
	const char *hook_pin; /* path of a pinned PROG_ARRAY to use as the only hook */
	const char *program;  /* capture only this program: name or decimal id */
	/* file of lines "NUMBER NAME" or "NUMBER NAME sflow=CODE", read when activated */
	const char *reasons;
	__u32 actions;	    /* bit n: XDP action n; XDPDROP_EXCEPTIONS; default aborted, drop */
	__u32 snaplen;	    /* bytes of a frame, 1..XDPDROP_MAX_CAPLEN; default the most */
	__u32 buffer_kib;   /* per CPU, 256..1048576, rounded up to a power of 2; default by CPUs */
	bool untagged;	    /* also frames without a tag */
	bool no_optimize;   /* do not run libpcap's optimizer on the filter */
	const char *filter; /* pcap-filter(7) expression: capture only frames that match */
	/* names or numbers, separated by commas: capture only these reasons, or all but these */
	const char *only_reasons, *not_reasons;
	/* Limits on the frames that match. Frames beyond them are only counted. */
	__u32 sample;	    /* one in this many, 1..65535, at random; default 1, all */
	__u32 rate;	    /* most frames a second on each CPU, up to 10000000 */
	__u32 reason_rate;  /* most frames a second on each CPU for each capture point and reason */
	__u32 max_overhead; /* sample more to stay below, in 1/1000 percent of a CPU's time */
	const char *only_rules; /* like only_reasons: capture only these rules. Since: 0.2 */
	/*
	 * tap wrap: allow a BPF file system that may end with this container. If all processes in
	 * the container are killed at once, the interface passes every frame.
	 */
	bool unsafe_bpffs; /* Since: 0.2 */
	/*
	 * hook_pin: allow a map that neither its type nor its name marks as a hook. If it is
	 * another tail-call table, verdicts change.
	 */
	bool unsafe_hook; /* Since: 0.2 */
	/*
	 * Count each frame that matches by capture point and reason, and capture none. There are no
	 * rings and no records. The statistics count such frames as sampled_out. Excludes an
	 * output, a limit of records, and snaplen, buffer_kib, sample, rate, reason_rate and
	 * max_overhead. Implies count_matching.
	 */
	bool count_only; /* Since: 0.2 */
	/*
	 * xdpdrop_get_reasons() counts only frames that match filter, reasons and rules, and of the
	 * other ones none.
	 */
	bool count_matching; /* Since: 0.2 */
};

enum xdpdrop_format { XDPDROP_PCAPNG, XDPDROP_PCAP };

/* Creates a file as open(2) does; called in a child process. Since: 0.2 */
typedef int (*xdpdrop_create_fn)(const char *path, int flags, mode_t mode);

/*
 * A flight recorder: the last frames are kept in memory, and nothing is written until a trigger.
 * Then a file begins with all frames that are kept, and goes on for a time. Further triggers in
 * that time extend it. Its name is that of the series, with time and trigger before the extension.
 * A frame of a reason of which half of the memory is full displaces the oldest ones of that reason;
 * otherwise the oldest ones of the reason that holds the most make room. Since: 0.2
 */
struct xdpdrop_history {
	size_t size;		     /* sizeof(struct xdpdrop_history), for extension */
	__u64 bytes;		     /* of memory, at least 1 MiB; 0: 64 MiB */
	__u32 seconds;		     /* older frames are not kept; 0: no limit */
	__u32 after_ms;		     /* for which a file goes on after the last trigger */
	__u32 holdoff_ms;	     /* in which a trigger does not act again */
	const char *const *triggers; /* as option --trigger of xdpdrop-capture(8); ends with NULL */
};

/*
 * A series of files. A file ends when it is larger than @bytes, or when a period of @seconds has
 * ended, and the next one begins with the next record, or with the next period. Each file stands
 * alone; the statistics of pcapng files count what happened during the file. A child process
 * creates and deletes files. An old file of the same name is replaced. Since: 0.2
 */
struct xdpdrop_files {
	size_t size;	  /* sizeof(struct xdpdrop_files), for extension */
	const char *name; /* of the files; with seconds, a format of strftime(3) */
	__u64 bytes;	  /* 0: no limit; then numbers follow the name, from the second file on */
	unsigned int seconds; /* 0: no periods */
	/*
	 * Of files. With bytes: the first file of the period is replaced when there would be more,
	 * and all names have numbers of equal width. Only with seconds: the series, and the
	 * capture, ends with -ENODATA after so many periods. 0: no limit.
	 */
	unsigned int count;
	/*
	 * Of all files, also those of earlier captures whose names match, at least twice bytes:
	 * oldest files are deleted, also when the disk is full. 0: none is.
	 */
	__u64 max_bytes;
	xdpdrop_create_fn create; /* NULL: open(2) */
	/*
	 * Files begin at triggers; then bytes and seconds are 0, and the oldest file is deleted
	 * when there would be more than count. A file ends early at half of max_bytes. NULL: no
	 * frames are kept. Since: 0.2
	 */
	const struct xdpdrop_history *history;
};

/* Where records go. Since: 0.1 */
struct xdpdrop_output {
	size_t size; /* sizeof(struct xdpdrop_output), for extension */
	int fd;	     /* stays the caller's to close */
	enum xdpdrop_format format;
	bool nanoseconds;	 /* pcap only: nanosecond magic and times */
	bool unbuffered;	 /* write each record at once, not those of a round together */
	const char *application; /* pcapng: name and version of the program, may be NULL */
	/*
	 * Instead of fd, which must be -1: stream sockets that listen. They become non-blocking,
	 * and stay the caller's to close after xdpdrop_free(). Up to 16 clients get the header and
	 * the interfaces, and the records from when they were accepted by xdpdrop_activate() or
	 * xdpdrop_poll() on. A client that reads slowly loses whole records; it never delays the
	 * capture. Since: 0.2
	 */
	const int *listen_fds;
	unsigned int listen_count; /* up to 8. Since: 0.2 */
	bool no_verdict; /* pcapng: verdicts are in comments, see the manual. Since: 0.2 */
	/* Instead of fd, which must be -1: a series of files. Since: 0.2 */
	const struct xdpdrop_files *files;
	/*
	 * fd: a regular file that nobody else writes, at its start. Long writes go past the page
	 * cache (O_DIRECT), as they do for files of a series, where the disk is fast enough and the
	 * file system allows it. Since: 0.2
	 */
	bool direct;
};

/* What is wrong with options. Since: 0.1 */
struct xdpdrop_opts_error {
	size_t size;	/* set by the caller to sizeof(struct xdpdrop_opts_error) */
	size_t field;	/* offset of the field in struct xdpdrop_opts */
	size_t other;	/* offset of the field that it contradicts; 0: its value is wrong */
	char text[256]; /* the reason, without field names; empty: the two exclude each other */
};

/* A capture point: one hook or one program. */
struct xdpdrop_point {
	const char *tap; /* "hook", "tag", "exit", "wrap", "exception" */
	char ifname[16];
	__u32 ifindex;
	__u32 program_id; /* the program whose drops these are, 0 if not known */
	__u32 hook_id;	  /* id of the hook's map; 0 where there is none */
	char program[64]; /* its name, from BTF when longer than the kernel's 15 bytes */
	char hook[16];	  /* name of the hook's map */
	bool gone;	  /* unloaded or replaced since */
	char before[64];  /* of a tag member placed for this capture: the program it runs before */
	__u32 link_type;  /* LINKTYPE_... of its frames, as in a pcap file */
	int error;	  /* -errno if it existed but could not be captured; else 0 */
};

/* Totals of a session; exact once xdpdrop_stop() has returned. Since: 0.1 */
struct xdpdrop_stats {
	size_t size; /* set by the caller to sizeof(struct xdpdrop_stats) */
	/* kernel: seen = filtered + sampled_out + limited + lost + captured */
	__u64 seen, filtered, sampled_out, limited, lost, captured;
	__u64 bytes; /* of seen frames */
	/* not in the sum: runs for which the kernel skipped the fexit program, with any verdict */
	__u64 missed;
	/*
	 * user space: captured = written + write_failed + over_limit + unsent + forgotten; while
	 * the session is active, frames that are kept, and those in buffers, are missing in the sum
	 */
	__u64 written, write_failed;
	__u64 over_limit; /* beyond the limit of xdpdrop_set_limit() */
	/*
	 * both sums hold, the first one on each CPU and at each capture point, and the records
	 * that were read report as many losses as the programs have written
	 */
	bool balanced;
	__u32 sample; /* present sampling interval */
	/* with max_overhead: last measured time on the busiest CPU, in its unit */
	__u32 overhead;
	/* hooks and programs that could not be captured, for a time or at all */
	__u32 refused;
	/*
	 * With listen_fds, written counts the frames that at least one client was sent; unsent
	 * those that no client was sent, because none was connected or none kept up. Since: 0.2
	 */
	__u64 unsent;
	__u64 clients;	     /* clients that have connected. Since: 0.2 */
	__u64 client_lost;   /* frames that slow clients lost, summed over clients. Since: 0.2 */
	__u64 files;	     /* of the series, begun so far. Since: 0.2 */
	__u64 files_deleted; /* because of max_bytes, or on a full disk. Since: 0.2 */
	__u64 forgotten;     /* with a history: frames that were in no file. Since: 0.2 */
	__u64 kept;	     /* frames in the history now. Since: 0.2 */
	/* until the programs stop by themselves; extended each second. Since: 0.2 */
	__u32 lease_ms;
};

/*
 * Create a session. On success *session is the caller's, to be given to xdpdrop_free().
 * Errors: -ENOMEM. Since: 0.1
 */
int xdpdrop_new(struct xdpdrop **session);

/* Stop if active, release everything; NULL is allowed. Since: 0.1 */
void xdpdrop_free(struct xdpdrop *session);

/* Send messages up to @level to @fn; NULL turns them off. Since: 0.1 */
void xdpdrop_set_log(struct xdpdrop *session, xdpdrop_log_fn fn, void *data,
		     enum xdpdrop_log_level level);

/* Set @fn to complete the advice in messages. NULL: no completion. Since: 0.2 */
void xdpdrop_set_hints(struct xdpdrop *session, xdpdrop_hint_fn fn, void *data);

/*
 * Called for each record, instead of or in addition to an output. @record is ring memory, valid
 * until the callback returns. A negative return ends the capture with that error. Since: 0.1
 */
typedef int (*xdpdrop_record_fn)(void *data, const struct xdpdrop_point *point,
				 const struct xdpdrop_record *record, __u64 realtime_ns);
void xdpdrop_set_handler(struct xdpdrop *session, xdpdrop_record_fn fn, void *data);

/* Write records to a file, before xdpdrop_activate(). Errors: -EINVAL, -ENOMEM. Since: 0.1 */
int xdpdrop_set_output(struct xdpdrop *session, const struct xdpdrop_output *output);

/* Pass on at most @records records, 0 for no limit; before xdpdrop_activate(). Since: 0.1 */
void xdpdrop_set_limit(struct xdpdrop *session, __u64 records);

/*
 * Check the ranges and conflicts of @opts, also with @output (NULL: unknown), as xdpdrop_activate()
 * does. 0, or -EINVAL with the reason in *@error unless that is NULL. Since: 0.1
 */
int xdpdrop_check_opts(const struct xdpdrop_opts *opts, const struct xdpdrop_output *output,
		       struct xdpdrop_opts_error *error);

/* Receives one line without a newline; @line lives until the callback returns. Since: 0.1 */
typedef void (*xdpdrop_line_fn)(void *data, const char *line);

/*
 * Pass the classic BPF program of @opts->filter to @fn, a line each call, as tcpdump -d prints it.
 * Also checks its translation to eBPF. @opts may be NULL. Needs no privileges. Errors: -EINVAL:
 * options; those of the filter; logged. Since: 0.1
 */
int xdpdrop_dump_filter(struct xdpdrop *session, const struct xdpdrop_opts *opts,
			xdpdrop_line_fn fn, void *data);

/*
 * Select the network namespace of interfaces: a name for ip-netns(8), the pid of a process in it,
 * or a path, which may be /proc/self/fd/N. NULL: the caller's. "all": all namespaces, only for
 * xdpdrop_list(), and for xdpdrop_inspect() of all interfaces. The calling thread is in that
 * namespace during functions of the session, including callbacks, and returns to its own
 * afterwards. Processes started by the session stay there. Pins are in the caller's BPF file
 * system. The namespace exists at least as long as the capture. Errors: -EINVAL: not a network
 * namespace, or the session has been used; open()'s. Since: 0.1
 */
int xdpdrop_set_netns(struct xdpdrop *session, const char *netns);

/*
 * Choose a tap for @ifname, create rings, arm. Several interfaces are separated by commas; each
 * gets a tap of its own. When it returns 0 every frame with one of the actions is captured. On
 * failure nothing is left behind, and nothing of a capture is in the output. @opts may be NULL.
 * A session captures once.
 * Until xdpdrop_stop() a watchdog process undoes everything if this process is killed.
 * Errors: -ENODEV no such interface, -ENOENT nothing to capture from, -EBUSY another capture has
 * it, -EPERM privileges, -EOPNOTSUPP kernel or program unsuited, -EINVAL options, or the session
 * has been used, -EINTR after xdpdrop_break() (since 0.2). Since: 0.1
 */
int xdpdrop_activate(struct xdpdrop *session, const char *ifname, const struct xdpdrop_opts *opts);

/*
 * After xdpdrop_activate(): start a control process for all work that needs privileges. From then
 * on poll, stop, break, statistics and free work without capabilities and as any user, and this
 * process may drop all privileges. It keeps the rings, and no other access to BPF objects. If the
 * control process is killed, the capture ends, and poll returns -EOWNERDEAD. Errors: -EINVAL: not
 * active; -EINTR: after xdpdrop_break(); socketpair()'s, fork()'s. Since: 0.1
 */
int xdpdrop_delegate(struct xdpdrop *session);

/*
 * The log of the kernel's verifier for the last program that it refused to xdpdrop_activate(), in
 * many lines. NULL: none was refused. Valid until the session is freed. Since: 0.1
 */
const char *xdpdrop_verifier_log(const struct xdpdrop *session);

/*
 * Wait up to @timeout_ms for records, -1: without limit, and pass them on; follow changes of the
 * interface. Returns the number of records passed on, 0: the time is up; or -errno: -ENODEV
 * the interface has gone, -ESTALE the program was replaced or detached, -EINTR after
 * xdpdrop_break(), -ENODATA the limit is reached, -EOWNERDEAD see xdpdrop_delegate(), -EINVAL not
 * active, a write's error. After an error only xdpdrop_stop() and xdpdrop_free() make sense.
 * Since: 0.1
 */
int xdpdrop_poll(struct xdpdrop *session, int timeout_ms);

/* Make a running or the next xdpdrop_poll() return -EINTR; async-signal-safe. Since: 0.1 */
void xdpdrop_break(struct xdpdrop *session);

/*
 * Disarm, drain the rings to the last record, and finish the output. May be called twice. Returns 0
 * or the first error of the capture's output. Since: 0.1
 */
int xdpdrop_stop(struct xdpdrop *session);

/*
 * Begin the next file of the series after the records up to now; async-signal-safe. Its number is
 * one more, as if the present one had reached its size. With a history: end the present file; if
 * there is none, as xdpdrop_snapshot(). Since: 0.2
 */
void xdpdrop_next_file(struct xdpdrop *session);

/*
 * With a history: write what is kept, after the records up to now, to a file with @trigger in its
 * name. @trigger must exist until the next xdpdrop_poll() or xdpdrop_stop() has returned.
 * Async-signal-safe; hold-off does not apply. Since: 0.2
 */
void xdpdrop_snapshot(struct xdpdrop *session, const char *trigger);

/*
 * The name of the present file of the series, or of the one that could not be created. Valid until
 * the next xdpdrop_poll(). NULL: there is no series. Since: 0.2
 */
const char *xdpdrop_file_name(const struct xdpdrop *session);

/* Fill @stats, whose size field is set. Errors: -EINVAL. Since: 0.1 */
int xdpdrop_get_stats(struct xdpdrop *session, struct xdpdrop_stats *stats);

/*
 * Number of capture points of an active session; they are numbered from 0 and never removed. Since:
 * 0.1
 */
unsigned int xdpdrop_point_count(const struct xdpdrop *session);

/* Capture point @index, or NULL; owned by the session, valid until xdpdrop_free(). Since: 0.1 */
const struct xdpdrop_point *xdpdrop_get_point(const struct xdpdrop *session, unsigned int index);

/* Totals of one capture point, as in struct xdpdrop_stats. Since: 0.1 */
struct xdpdrop_point_stats {
	size_t size; /* set by the caller to sizeof(struct xdpdrop_point_stats) */
	__u64 seen, filtered, sampled_out, limited, lost, captured;
	__u64 bytes, missed;
};

/*
 * Fill @stats for capture point @index. Errors: -EINVAL there is no such capture point. Since: 0.1
 */
int xdpdrop_get_point_stats(const struct xdpdrop *session, unsigned int index,
			    struct xdpdrop_point_stats *stats);

/*
 * Totals of one reason at one capture point, over all frames seen there. The reasons of a capture
 * point add up to its totals. With count_matching, frames that were filtered are left out.
 */
struct xdpdrop_reason_stats {
	unsigned int point;
	__u32 reason;	  /* 0: frames without a reason */
	bool others;	  /* true: the sum of reasons that are not counted separately */
	const char *name; /* NULL if it has none */
	__u64 frames, bytes;
	__u64 captured; /* captured frames of these, as far as read */
};

/*
 * Call @fn for each reason that occurred, by capture point and number. Errors: -ENOMEM. Since: 0.1
 */
typedef void (*xdpdrop_reason_fn)(void *data, const struct xdpdrop_reason_stats *stats);
int xdpdrop_get_reasons(const struct xdpdrop *session, xdpdrop_reason_fn fn, void *data);

/* Captured frames of one rule at one capture point, beside those of its reason. Since: 0.2 */
struct xdpdrop_rule_stats {
	unsigned int point;
	__u32 reason;	  /* 0: none */
	bool others;	  /* true: the sum of rules that are not counted separately */
	__u64 rule;	  /* the program's number */
	const char *name; /* NULL if it has none */
	__u64 frames, bytes;
};

/*
 * Call @fn for the @most rules with the most captured frames, in that order, and once for the sum
 * of rules beyond the table. Errors: -ENOMEM. Since: 0.2
 */
typedef void (*xdpdrop_rule_fn)(void *data, const struct xdpdrop_rule_stats *stats);
int xdpdrop_get_rules(const struct xdpdrop *session, unsigned int most, xdpdrop_rule_fn fn,
		      void *data);

/*
 * Name of @reason at capture point @index, NULL if it has none; owned by the session. Since: 0.1
 */
const char *xdpdrop_reason_name(const struct xdpdrop *session, unsigned int index, __u32 reason);

/* Name of @rule in the file of reasons, NULL if it has none; owned by the session. Since: 0.2 */
const char *xdpdrop_rule_name(const struct xdpdrop *session, __u64 rule);

#ifdef __cplusplus
}
#endif

#endif

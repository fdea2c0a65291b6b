/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * libxdpdrop: capture the frames that XDP programs drop, with why, without changing what the
 * pipeline does. One handle is one capture: create, set, activate, poll, stop, free.
 *
 * A handle belongs to one thread at a time, but xdpdrop_break() may be called from any thread
 * and from a signal handler. Functions return 0 or a positive count on success and a negative
 * errno on failure; what failed and what to do about it is passed to the handle's log callback.
 * The library never prints, never exits and installs no signal handlers. See libxdpdrop(3).
 */
#ifndef XDPDROP_XDPDROP_H
#define XDPDROP_XDPDROP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

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
	XDPDROP_LOG_DEBUG, /* also what libbpf and libxdp say */
};

/*
 * Receives one message without a newline; @message lives until the callback returns.
 * Since: 0.1
 */
typedef void (*xdpdrop_log_fn)(void *data, enum xdpdrop_log_level level, const char *message);

/*
 * In xdpdrop_opts.actions: what the kernel's tracepoints tell of frames that XDP loses, as records
 * with XDPDROP_F_EXCEPTION; for pcapng and handlers only. Since: 0.1
 */
#define XDPDROP_EXCEPTIONS (1U << 31)

/*
 * A structure that begins with its size may be of another version than the library: fields that an
 * older caller does not have are at their defaults, and fields that only a newer caller has must be
 * 0, or are set to 0 in what the library fills.
 */

/* What to capture and how. Zero in a field means its default. Since: 0.1 */
struct xdpdrop_opts {
	size_t size;	      /* sizeof(struct xdpdrop_opts), for extension */
	const char *tap;      /* "auto" (default), "hook", "tag", "exit" or "wrap" */
	const char *hook_pin; /* path of a pinned PROG_ARRAY to use as the only hook */
	const char *program;  /* capture only this program: name or decimal id */
	const char *reasons;  /* path of a file of "NUMBER NAME" lines, read when activated */
	__u32 actions;	      /* bit n: XDP action n; XDPDROP_EXCEPTIONS; default aborted, drop */
	__u32 snaplen;	      /* bytes of a frame, 1..XDPDROP_MAX_CAPLEN; default the most */
	__u32 buffer_kib;   /* per CPU, 256..1048576, rounded up to a power of 2; default by CPUs */
	bool untagged;	    /* tap tag (then the default): frames without a tag, too */
	bool no_optimize;   /* do not run libpcap's optimizer on the filter */
	const char *filter; /* pcap-filter(7) expression: capture only frames that match */
	/* names or numbers, separated by commas: capture only these reasons, or all but these */
	const char *only_reasons, *not_reasons;
	/* What is captured of the frames that match; the others are counted. */
	__u32 sample;	    /* one in so many, 1..65535, at random; default 1, all */
	__u32 rate;	    /* most frames a second on each CPU, up to 10000000 */
	__u32 reason_rate;  /* most frames a second on each CPU for each capture point and reason */
	__u32 max_overhead; /* sample more to stay below, in 1/1000 percent of a CPU's time */
	const char *only_rules; /* like only_reasons: capture only these rules. Since: 0.2 */
	/*
	 * tap wrap: also with a BPF file system that may end with this container. If all
	 * processes in the container are killed at once, the interface passes every frame.
	 */
	bool unsafe_bpffs; /* Since: 0.2 */
	/*
	 * hook_pin: also a map that neither its type nor its name mark as a hook. If it is another
	 * tail-call table, frames get other verdicts.
	 */
	bool unsafe_hook; /* Since: 0.2 */
};

enum xdpdrop_format { XDPDROP_PCAPNG, XDPDROP_PCAP };

/* Where records go. Since: 0.1 */
struct xdpdrop_output {
	size_t size; /* sizeof(struct xdpdrop_output), for extension */
	int fd;	     /* stays the caller's to close */
	enum xdpdrop_format format;
	bool nanoseconds;	 /* pcap only: nanosecond magic and times */
	bool unbuffered;	 /* write each record at once, not those of a round together */
	const char *application; /* pcapng: name and version of the program, may be NULL */
};

/* What is wrong with options. Since: 0.1 */
struct xdpdrop_opts_error {
	size_t size;	/* set by the caller to sizeof(struct xdpdrop_opts_error) */
	size_t field;	/* offset of the field in struct xdpdrop_opts */
	size_t other;	/* of the one that it contradicts; 0: its value is wrong by itself */
	char text[256]; /* why, without names of fields; empty: the two exclude each other */
};

/* Where a session captures: one hook or one program. Since: 0.1 */
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
	__u32 link_type;  /* LINKTYPE_..., of a pcap file: what its frames begin with */
	int error;	  /* why it could not be captured, -errno, though it was there; else 0 */
};

/* Totals of a session; exact once xdpdrop_stop() has returned. Since: 0.1 */
struct xdpdrop_stats {
	size_t size; /* set by the caller to sizeof(struct xdpdrop_stats) */
	/* kernel: seen = filtered + sampled_out + limited + lost + captured */
	__u64 seen, filtered, sampled_out, limited, lost, captured;
	__u64 bytes; /* of seen frames */
	/* beside them: runs that the kernel did not show to tap exit, whatever the verdict */
	__u64 missed;
	/* user space: captured = written + write_failed + over_limit */
	__u64 written, write_failed;
	__u64 over_limit; /* beyond the limit of xdpdrop_set_limit() */
	/*
	 * both sums hold, the first one on each CPU and at each capture point, and records that
	 * were read tell of as many losses as the programs have put into them
	 */
	bool balanced;
	__u32 sample; /* one in so many frames is captured now */
	/* with max_overhead: time taken on the busiest CPU, as last measured, in its unit */
	__u32 overhead;
	/* hooks and programs that could not be captured, for a time or at all */
	__u32 refused;
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

/*
 * Take a record instead of, or beside, an output. @record and its bytes are borrowed: they are
 * ring memory, gone when the callback returns. A negative return ends the capture with that
 * error. Since: 0.1
 */
typedef int (*xdpdrop_record_fn)(void *data, const struct xdpdrop_point *point,
				 const struct xdpdrop_record *record, __u64 realtime_ns);
void xdpdrop_set_handler(struct xdpdrop *session, xdpdrop_record_fn fn, void *data);

/* Write records to a file, before xdpdrop_activate(). Errors: -EINVAL, -ENOMEM. Since: 0.1 */
int xdpdrop_set_output(struct xdpdrop *session, const struct xdpdrop_output *output);

/* Pass on at most @records records, 0 for no limit; before xdpdrop_activate(). Since: 0.1 */
void xdpdrop_set_limit(struct xdpdrop *session, __u64 records);

/*
 * Are the values of @opts in their ranges, and do they go together, also with @output (NULL: not
 * known yet)? xdpdrop_activate() checks the same. 0, or -EINVAL with *@error, unless that is NULL,
 * filled. Since: 0.1
 */
int xdpdrop_check_opts(const struct xdpdrop_opts *opts, const struct xdpdrop_output *output,
		       struct xdpdrop_opts_error *error);

/*
 * Interfaces are those of this network namespace from here on: a name for ip-netns(8), the number
 * of a process in it, or a path, which may be /proc/self/fd/N. NULL: the caller's. "all": those of
 * all, for xdpdrop_list() only. The calling thread enters it, also for the log callback, while it
 * is in a function of the session, and is back in its own when that returns; processes that the
 * session starts stay there. Pins are in the BPF file system of the caller. The namespace lives at
 * least as long as the capture.
 * Errors: -EINVAL it is none, or the session has been used; open()'s. Since: 0.1
 */
int xdpdrop_set_netns(struct xdpdrop *session, const char *netns);

/*
 * Choose a tap for @ifname, create rings, arm. Several interfaces are separated by commas; each
 * gets a tap of its own. When it returns 0 every frame with one of the actions is captured. On
 * failure nothing is left behind, and nothing of a capture is in the output. @opts may be NULL.
 * A session captures once.
 * From here to xdpdrop_stop() a child process stands by to undo it all should this one be killed.
 * Errors: -ENODEV no such interface, -ENOENT nothing to capture from, -EBUSY another capture has
 * it, -EPERM privileges, -EOPNOTSUPP kernel or program unsuited, -EINVAL options, or the session
 * has been used. Since: 0.1
 */
int xdpdrop_activate(struct xdpdrop *session, const char *ifname, const struct xdpdrop_opts *opts);

/*
 * After xdpdrop_activate(): leave what needs privileges to a process of its own. From then on
 * poll, stop, break, statistics and free work without any capability and as any user, and this
 * process may give all of them up; it keeps the rings and nothing else by which BPF objects
 * could be reached. Should that process be killed, the capture ends: poll returns -EOWNERDEAD.
 * Errors: -EINVAL not active, socketpair()'s, fork()'s. Since: 0.1
 */
int xdpdrop_delegate(struct xdpdrop *session);

/*
 * What the kernel's verifier said of the last program that it refused to xdpdrop_activate(), in
 * many lines; NULL: it refused none. Lives until the session is freed. Since: 0.1
 */
const char *xdpdrop_verifier_log(const struct xdpdrop *session);

/*
 * Say, one line per tap through @fn, which would work on @ifname and which xdpdrop_activate()
 * would choose; changes nothing. Returns 0 if one works, else as xdpdrop_activate(). Since: 0.1
 */
typedef void (*xdpdrop_line_fn)(void *data, const char *line);
int xdpdrop_explain(struct xdpdrop *session, const char *ifname, const struct xdpdrop_opts *opts,
		    xdpdrop_line_fn fn, void *data);

/*
 * One line per interface: its name, what is attached to it and which taps would work.
 * Since: 0.1
 */
int xdpdrop_list(struct xdpdrop *session, xdpdrop_line_fn fn, void *data);

/*
 * xdp-loader's table of interfaces and programs, with the hooks in them, who holds each and
 * whether that capture lives. @ifname NULL: all interfaces. Errors: -ENODEV, -EPERM. Since: 0.1
 */
int xdpdrop_status(struct xdpdrop *session, const char *ifname, xdpdrop_line_fn fn, void *data);

/*
 * What the kernel can do, found by probes, and with @ifname which taps would work there and
 * why not. Errors: -ENODEV, -EPERM. Since: 0.1
 */
int xdpdrop_features(struct xdpdrop *session, const char *ifname, xdpdrop_line_fn fn, void *data);

/*
 * Remove what captures that were killed have left: programs in hooks, wrappers, pins. Nothing
 * of a live capture or of anybody else is touched. @ifname NULL: everywhere in this network
 * namespace. One line for each thing removed. Returns how many, or -errno. Since: 0.1
 */
int xdpdrop_clean(struct xdpdrop *session, const char *ifname, xdpdrop_line_fn fn, void *data);

/* What to load. Zero in a field means its default. Since: 0.1 */
struct xdpdrop_load_opts {
	size_t size;	     /* sizeof(struct xdpdrop_load_opts), for extension */
	const char *object;  /* path, or the name of a file in the BPF object directory */
	const char *program; /* name of the program in it; default: its first */
	const char *mode;    /* "native" (default), "skb" or "unspecified" */
	const char *pin_dir; /* where its maps that ask for it are pinned */
	__u32 prio;	     /* libxdp's run_prio; default: what the object says */
	__u32 reserved;	     /* 0 */
};

/*
 * Attach a program to @ifname beside what is there, as xdp-loader does; the kernel's refusal of
 * two first attaches at once is tried again. Returns its id, or -errno. Since: 0.1
 */
int xdpdrop_load(struct xdpdrop *session, const char *ifname, const struct xdpdrop_load_opts *opts);

/*
 * Detach program @id from @ifname, or with 0 every program whose name begins with "xdpdrop_",
 * and leave the others attached. Returns how many, or -errno; -ENOENT: none, -EBUSY: a capture has
 * wrapped the program that is there, -EOWNERDEAD: a dead one has. Since: 0.1
 */
int xdpdrop_unload(struct xdpdrop *session, const char *ifname, __u32 id);

/*
 * Show the classic BPF program of @opts->filter, as tcpdump -d does, a line each call. It is also
 * translated to eBPF, whose errors are logged. @opts may be NULL.
 * Errors: -EINVAL options, those of the filter; logged. Needs no privileges. Since: 0.1
 */
int xdpdrop_dump_filter(struct xdpdrop *session, const struct xdpdrop_opts *opts,
			xdpdrop_line_fn fn, void *data);

/*
 * Wait up to @timeout_ms for records, -1: as long as it takes, and pass them on; follow changes of
 * the interface. Returns the number of records passed on, 0: the time is up; or -errno: -ENODEV
 * the interface has gone, -ESTALE the program was replaced or detached, -EINTR after
 * xdpdrop_break(), -ENODATA the limit is reached, -EOWNERDEAD see xdpdrop_delegate(), -EINVAL not
 * active, a write's error. After an error only xdpdrop_stop() and xdpdrop_free() make sense.
 * Since: 0.1
 */
int xdpdrop_poll(struct xdpdrop *session, int timeout_ms);

/* Make a running or the next xdpdrop_poll() return -EINTR; async-signal-safe. Since: 0.1 */
void xdpdrop_break(struct xdpdrop *session);

/*
 * Disarm, restore, drain the rings to the last record, finish the output. Idempotent.
 * Returns 0 or the first error of the capture's output. Since: 0.1
 */
int xdpdrop_stop(struct xdpdrop *session);

/* Fill @stats, whose size field is set. Errors: -EINVAL. Since: 0.1 */
int xdpdrop_get_stats(struct xdpdrop *session, struct xdpdrop_stats *stats);

/*
 * Number of capture points of an active session; they are numbered from 0 and never removed. Since:
 * 0.1
 */
unsigned int xdpdrop_point_count(const struct xdpdrop *session);

/* Site @index, or NULL; owned by the session, valid until xdpdrop_free(). Since: 0.1 */
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
 * Totals of one reason at one capture point: of all frames seen there, whatever became of them.
 * Those of a capture point add up to its own. Since: 0.1
 */
struct xdpdrop_reason_stats {
	unsigned int point;
	__u32 reason;	  /* 0: frames without a reason */
	bool others;	  /* instead: the reasons beyond those that are counted one by one */
	const char *name; /* NULL if it has none */
	__u64 frames, bytes;
	__u64 captured; /* of these frames; records that were read so far */
};

/*
 * Call @fn for each reason that was met, by capture point and number. Errors: -ENOMEM. Since: 0.1
 */
typedef void (*xdpdrop_reason_fn)(void *data, const struct xdpdrop_reason_stats *stats);
int xdpdrop_get_reasons(const struct xdpdrop *session, xdpdrop_reason_fn fn, void *data);

/* Captured frames of one rule at one capture point, beside those of its reason. Since: 0.2 */
struct xdpdrop_rule_stats {
	unsigned int point;
	__u32 reason;	  /* 0: none */
	bool others;	  /* instead: all rules beyond those that are counted one by one */
	__u64 rule;	  /* the program's number */
	const char *name; /* NULL if it has none */
	__u64 frames, bytes;
};

/*
 * Call @fn for the @most rules that had the most captured frames, those first, and once more for
 * the sum of those beyond the table. Errors: -ENOMEM. Since: 0.2
 */
typedef void (*xdpdrop_rule_fn)(void *data, const struct xdpdrop_rule_stats *stats);
int xdpdrop_get_rules(const struct xdpdrop *session, unsigned int most, xdpdrop_rule_fn fn,
		      void *data);

/*
 * Name of @reason at capture point @index, NULL if it has none; owned by the session. Since: 0.1
 */
const char *xdpdrop_reason_name(const struct xdpdrop *session, unsigned int index, __u32 reason);

#ifdef __cplusplus
}
#endif

#endif

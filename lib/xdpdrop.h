/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * libxdpdrop: captures the frames that XDP programs drop, with their reasons, without changing
 * verdicts. One handle is one capture: create, set, activate, poll, stop, free. This header brings
 * options.h, output.h and stats.h along. Questions about interfaces without a capture are in
 * interface.h, replays of frames in memory in replay.h, sFlow datagrams in sflow.h.
 *
 * A handle belongs to one thread at a time, but xdpdrop_break(), xdpdrop_next_file() and
 * xdpdrop_snapshot() may be called from any thread and from a signal handler. Functions return 0 or
 * a positive count on success and a negative errno on failure; what failed and what to do about it
 * is passed to the handle's log callback. The library never prints, never exits and installs no
 * signal handlers. Threads that a function starts have no signals, call no callback, and have ended
 * when it returns.
 *
 * A structure that begins with its size may be of another version than the library. Fields that an
 * older caller lacks have their defaults. Fields that only a newer caller has must be 0, or are set
 * to 0 in structures that the library fills.
 *
 * See libxdpdrop(3).
 */
#ifndef XDPDROP_XDPDROP_H
#define XDPDROP_XDPDROP_H

#include <stdbool.h>
#include <stddef.h>

#include <xdpdrop/record.h>

#include "options.h"
#include "output.h"
#include "stats.h"

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
	XDPDROP_HINT_HOST_MOUNTS,  /* start from the mount namespace of the host */
	XDPDROP_HINT_OTHER_MOUNTS, /* start from the mount namespace of a program's loader */
};

/*
 * Writes the command for @hint to @text, an empty buffer of @size bytes. The message contains it in
 * parentheses. @path: a path that the command needs, or NULL. Since: 0.2
 */
typedef void (*xdpdrop_hint_fn)(void *data, enum xdpdrop_hint hint, const char *path, char *text,
				size_t size);

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

/* Pass on at most @records records, 0 for no limit; before xdpdrop_activate(). Since: 0.1 */
void xdpdrop_set_limit(struct xdpdrop *session, __u64 records);

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
 * The network namespace of @from, which its name or pid may not find any more. Errors: -EINVAL: the
 * session has been used, or @from runs already; -EMFILE. Since: 0.2
 */
int xdpdrop_copy_netns(struct xdpdrop *session, const struct xdpdrop *from);

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
 * Begin the output: the header, and the first files of a series. Otherwise the first xdpdrop_poll()
 * does. Until then all that exists stays as it is, so that the caller can first do what may fail.
 * If it fails, files that a series has replaced come back when the session is freed. Errors:
 * -EINVAL: not active; a write's. Since: 0.2
 */
int xdpdrop_begin_output(struct xdpdrop *session);

/*
 * Wait up to @timeout_ms for records, -1: without limit, and pass them on; follow changes of the
 * interface. Returns the number of records passed on, 0: the time is up; or -errno: -ENODEV
 * the interface has gone, -ESTALE with tap wrap: a program that cannot be wrapped has replaced the
 * wrapped one, -EINTR after xdpdrop_break(), -ENODATA the limit is reached, -EOWNERDEAD see
 * xdpdrop_delegate(), -EINVAL not active, a write's error. After an error only xdpdrop_stop() and
 * xdpdrop_free() make sense.
 * Since: 0.1
 */
int xdpdrop_poll(struct xdpdrop *session, int timeout_ms);

/* Make a running or the next xdpdrop_poll() return -EINTR; async-signal-safe. Since: 0.1 */
void xdpdrop_break(struct xdpdrop *session);

/*
 * Disarm, drain the rings to the last record, and finish the output. An output that has not begun
 * stays as it is, and its records are counted as not written. May be called twice. Returns 0
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
 * Async-signal-safe; hold-off does not apply. Errors: -EBUSY: that poll has another trigger.
 * Since: 0.2
 */
int xdpdrop_snapshot(struct xdpdrop *session, const char *trigger);

/*
 * The name of the present file of the series, or of the one that could not be created. Valid until
 * the next xdpdrop_poll(). NULL: there is no series. Since: 0.2
 */
const char *xdpdrop_file_name(const struct xdpdrop *session);

/*
 * The same of one of several threads, numbered from 0. NULL: there is no series, or no such thread.
 * Since: 0.2
 */
const char *xdpdrop_thread_file_name(const struct xdpdrop *session, unsigned int thread);

/*
 * Number of the first of several threads whose file could not be written; -1: all could. Since: 0.2
 */
int xdpdrop_failed_thread(const struct xdpdrop *session);

/*
 * Number of capture points of an active session; they are numbered from 0 and never removed. Since:
 * 0.1
 */
unsigned int xdpdrop_point_count(const struct xdpdrop *session);

/* Capture point @index, or NULL; owned by the session, valid until xdpdrop_free(). Since: 0.1 */
const struct xdpdrop_point *xdpdrop_get_point(const struct xdpdrop *session, unsigned int index);

#ifdef __cplusplus
}
#endif

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Output for people on standard error: messages, the capture points, and counters. Owns the last
 * line of the terminal while it shows the live counter.
 */
#ifndef XDPDROP_REPORT_H
#define XDPDROP_REPORT_H

#include <stdbool.h>
#include <stdio.h>
#include <xdpdrop/xdpdrop.h>

#include "common/tcp_listen.h"

struct report {
	FILE *stream;
	const char *program; /* prefix of messages */
	bool live;	     /* show the live counter */
	int shown;	     /* its present width */
	__u64 due_ms;	     /* time of its next update */
	unsigned int errors; /* number of error messages */
};

__attribute__((format(printf, 3, 4))) void
report_message(struct report *report, enum xdpdrop_log_level level, const char *format, ...);

#define report_error(report, ...) report_message(report, XDPDROP_LOG_ERROR, __VA_ARGS__)
#define report_info(report, ...) report_message(report, XDPDROP_LOG_INFO, __VA_ARGS__)

/* The log level for a number of -v options. */
enum xdpdrop_log_level report_level(unsigned int verbose);

/* A session's xdpdrop_log_fn; @report: a struct report. */
void report_log(void *report, enum xdpdrop_log_level level, const char *message);

/* The report() of a struct output_wait; @report: a struct report. */
void report_waiting(void *report, const char *path);

/*
 * Print one line with the capture points of @session and the snapshot length, and one with the name
 * of @file; NULL: the output has no name. @history: files begin at a trigger.
 */
void report_listening(struct report *report, const struct xdpdrop *session, const char *ifname,
		      __u32 snaplen, const char *file, bool history);

/* The same of a session that counts. @sample: its sampling interval, 0: it has no records. */
void report_counting(struct report *report, const struct xdpdrop *session, const char *ifname,
		     __u32 sample);

/*
 * Print where clients can connect, unless @quiet, and a warning if other machines can. Prints
 * nothing without sockets.
 */
void report_clients(struct report *report, const struct tcp_listen *listen, bool quiet);

/* Update the live counter, at most a few times a second. @now_ms: a steady clock. */
void report_live(struct report *report, const struct xdpdrop_stats *stats, __u64 now_ms);

/* Erase the live counter. */
void report_hide_live(struct report *report);

/* Format a number of bytes as "999 bytes" or "1.2 MB". */
struct report_bytes {
	char text[32];
};
struct report_bytes report_bytes(__u64 bytes);

/* Print the counters as a message. */
void report_counters(struct report *report, const struct xdpdrop_stats *stats);

/*
 * Print the counters, and their rates since @before, @span_ms ago, as a message. @elapsed_ms: time
 * since the capture's start.
 */
void report_interval(struct report *report, const struct xdpdrop_stats *stats,
		     const struct xdpdrop_stats *before, __u64 elapsed_ms, __u64 span_ms);

/*
 * Print the final counters, one per line. Rare ones are printed only if not zero. @only_drops: no
 * passed or forwarded frames are among them.
 */
void report_summary(struct report *report, const struct xdpdrop_stats *stats, bool only_drops);

/* The same of a session that counts, and may have sampled. */
void report_counted(struct report *report, const struct xdpdrop_stats *stats, bool only_drops);

/* Open closed standard descriptors, so that no file opened later gets their numbers. */
void report_open_standard(void);

/* Flush standard output. 0, or -errno after a message. */
int report_flush(struct report *report);

#endif

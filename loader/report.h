/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What people read on standard error: messages, where a capture listens, its counters.
 * Owns the terminal's last line while a live counter stands there.
 */
#ifndef XDPDROP_REPORT_H
#define XDPDROP_REPORT_H

#include <stdbool.h>
#include <stdio.h>
#include <xdpdrop/xdpdrop.h>

struct report {
	FILE *stream;
	const char *program; /* in front of messages */
	bool live;	     /* show a counter line */
	int shown;	     /* its width on the terminal now */
	__u64 due_ms;	     /* when it may change again */
	unsigned int errors; /* error messages so far */
};

__attribute__((format(printf, 3, 4))) void
report_message(struct report *report, enum xdpdrop_log_level level, const char *format, ...);

#define report_error(report, ...) report_message(report, XDPDROP_LOG_ERROR, __VA_ARGS__)
#define report_info(report, ...) report_message(report, XDPDROP_LOG_INFO, __VA_ARGS__)

/* The level of messages to show, for a number of -v. */
enum xdpdrop_log_level report_level(unsigned int verbose);

/* A session's xdpdrop_log_fn; @report: a struct report. */
void report_log(void *report, enum xdpdrop_log_level level, const char *message);

/* The tell() of a struct output_wait; @report: a struct report. */
void report_waiting(void *report, const char *path);

/* One line that names every capture point of @session, with its snapshot length. */
void report_listening(struct report *report, const struct xdpdrop *session, const char *ifname,
		      __u32 snaplen);

/* Bring the live counter up to date, a few times a second at most; @now_ms of a steady clock. */
void report_live(struct report *report, const struct xdpdrop_stats *stats, __u64 now_ms);

/* Take the live counter off the terminal. */
void report_hide_live(struct report *report);

/* A number of bytes as "999 bytes" or "1.2 MB". */
struct report_bytes {
	char text[32];
};
struct report_bytes report_bytes(__u64 bytes);

/* The counters so far, as a message. */
void report_counters(struct report *report, const struct xdpdrop_stats *stats);

/*
 * The counters so far and how fast they have grown since @before, @span_ms ago, as a message;
 * @elapsed_ms: since the capture's start.
 */
void report_interval(struct report *report, const struct xdpdrop_stats *stats,
		     const struct xdpdrop_stats *before, __u64 elapsed_ms, __u64 span_ms);

/*
 * The counters at the end, a line each; those that are rarely used only if not zero. @only_drops:
 * the frames that XDP has passed, or sent elsewhere, are not among them.
 */
void report_summary(struct report *report, const struct xdpdrop_stats *stats, bool only_drops);

#endif

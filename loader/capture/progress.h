/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Prints the counters of a capture while it runs and at its end: text by report and totals, JSON by
 * statistics. Decides when output is due.
 */
#ifndef XDPDROP_PROGRESS_H
#define XDPDROP_PROGRESS_H

#include <limits.h>

#include "capture/capture_options.h"
#include "capture/statistics.h"
#include "common/report.h"
#include "common/totals.h"

struct progress {
	struct report *report;
	struct xdpdrop *session;
	const struct capture_options *options;
	struct statistics statistics;
	struct xdpdrop_stats before; /* at the end of the last interval */
	struct totals totals;	     /* likewise */
	__u64 before_ms;	     /* time of that */
	char file[PATH_MAX];	     /* of the flight recorder, which was reported last */
};

/*
 * How to wait for the reader of a FIFO: until a signal arrives. The wait is reported through
 * @report.
 */
struct output_wait progress_wait(const struct capture_options *options, struct report *report);

/*
 * Open the statistics. Called before other files are opened, so that a number is a descriptor of
 * the caller. Returns 0; -EINVAL: it is not one; otherwise -errno. Errors are reported through
 * @report.
 */
int progress_open(struct progress *progress, const struct capture_options *options,
		  struct report *report);

/* @session captures from now on. */
void progress_begin(struct progress *progress, struct xdpdrop *session);

/* Called between polls: intervals, SIGUSR1, the live counter. */
void progress_tick(struct progress *progress, __u64 now_ms);

/* Print the counters, and write them as JSON of @type. */
void progress_answer(struct progress *progress, const char *type, __u64 now_ms);

/* @session has stopped, with these totals. @status: of the capture. */
void progress_end(struct progress *progress, struct xdpdrop *session,
		  const struct xdpdrop_stats *stats, int status);

/* Returns 0 or the first error of the statistics, which is reported. */
int progress_close(struct progress *progress);

#endif

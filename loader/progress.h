/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a capture prints while it runs and when it ends: for people by report and totals, for
 * programs by statistics. Owns when that is due.
 */
#ifndef XDPDROP_PROGRESS_H
#define XDPDROP_PROGRESS_H

#include "capture_options.h"
#include "report.h"
#include "statistics.h"

struct progress {
	struct report *report;
	struct xdpdrop *session;
	const struct capture_options *options;
	struct statistics statistics;
	struct xdpdrop_stats before; /* at the end of the last interval */
	__u64 before_ms;	     /* when that was */
};

/* A steady clock. */
__u64 progress_now_ms(void);

/* How to open what may be a FIFO: until a signal ends the wait, reported through @report. */
struct output_wait progress_wait(const struct capture_options *options, struct report *report);

/*
 * Before the session or anything else is opened, so that a number is a descriptor of the
 * caller's. Returns 0; -EINVAL it names none; else -errno. Said through @report.
 */
int progress_open(struct progress *progress, const struct capture_options *options,
		  struct report *report);

/* @session captures from now on. */
void progress_begin(struct progress *progress, struct xdpdrop *session);

/* Between two polls: intervals, SIGUSR1, the live counter. */
void progress_tick(struct progress *progress, __u64 now_ms);

/* @session has stopped, with these totals. */
void progress_end(struct progress *progress, struct xdpdrop *session,
		  const struct xdpdrop_stats *stats);

/* Returns 0 or the first error of the statistics; said. */
int progress_close(struct progress *progress);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Prints a capture's frames by program and reason.
 */
#ifndef XDPDROP_LOADER_TOTALS_H
#define XDPDROP_LOADER_TOTALS_H

#include <stdio.h>
#include <xdpdrop/xdpdrop.h>

#include "common/report.h"

/* The counters of reasons at the end of an interval. All zero before the first. */
struct totals {
	struct xdpdrop_reason_stats *row; /* names in it may have gone */
	size_t count;
};

/*
 * Print a line for each hook or program with frames, and below it one for each reason, those with
 * the most frames first. Prints nothing if there is only one capture point and no reason.
 */
void totals_print(FILE *stream, const struct xdpdrop *session);

/*
 * A message with the reasons that had the most frames since @totals, @span_ms ago, and how many a
 * second; none if there were none. @totals becomes the counters of now.
 */
void totals_report_top(struct totals *totals, struct report *report, const struct xdpdrop *session,
		       __u64 span_ms);

void totals_free(struct totals *totals);

#endif

/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Frames by capture point and reason: the sum of those that the kernel skipped and those that were
 * captured.
 */
#ifndef XDPDROP_API_TOTALS_H
#define XDPDROP_API_TOTALS_H

#include "bpf/capture_maps.h"
#include "record/points.h"
#include "tally.h"

/* Where a capture has counted. */
struct totals {
	const struct capture_maps *maps;
	const struct points *points;
	const struct xdpdrop_tally *captured[POINTS_READERS]; /* by reader; NULL: there is none */
	int only; /* of this reader, and of the CPUs whose rings it reads; negative: of all */
};

/* Call @fn for each reason that occurred, ordered by capture point and number. 0 or -ENOMEM. */
int totals_walk(const struct totals *totals, xdpdrop_reason_fn fn, void *data);

/*
 * After the end of the capture: is no capture point's sum over its reasons greater than its total,
 * and no frame both captured and skipped?
 */
bool totals_hold(const struct totals *totals);

/* What capture point @point has counted. */
void totals_count(const struct totals *totals, unsigned int point, struct xdpdrop_counters *sum);

#endif

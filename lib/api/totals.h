/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Frames by capture point and reason: what the kernel left out and what was captured, put together.
 */
#ifndef XDPDROP_API_TOTALS_H
#define XDPDROP_API_TOTALS_H

#include "bpf/capture_maps.h"
#include "record/points.h"
#include "tally.h"

/* Call @fn for each reason that was met, by capture point and number. 0 or -ENOMEM. */
int totals_walk(const struct capture_maps *maps, const struct points *points,
		const struct xdpdrop_tally *captured, xdpdrop_reason_fn fn, void *data);

/*
 * Once nothing moves any more: does no capture point have more frames by reason than in all, and
 * none that were both captured and left out?
 */
bool totals_hold(const struct capture_maps *maps, const struct points *points,
		 const struct xdpdrop_tally *captured);

#endif

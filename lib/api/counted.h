/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * What a capture has counted up to some moment, so that differences can be described.
 */
#ifndef XDPDROP_API_COUNTED_H
#define XDPDROP_API_COUNTED_H

#include "control.h"
#include "xdpdrop.h"

/* Totals by capture point and reason. */
struct counted_rows {
	struct xdpdrop_reason_stats *row; /* names may have been freed since */
	size_t count;
};

struct counted {
	struct xdpdrop_counters sum[XDPDROP_MAX_POINTS];
	__u64 delivered[XDPDROP_MAX_POINTS];
	struct counted_rows rows;
};

#endif

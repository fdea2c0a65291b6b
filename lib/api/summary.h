/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * A capture point's totals in words, for the end of a capture file: what was left out, and each
 * reason.
 */
#ifndef XDPDROP_API_SUMMARY_H
#define XDPDROP_API_SUMMARY_H

#include "api/totals.h"

#define SUMMARY_LINES 67

struct summary {
	unsigned int point;
	unsigned int count;
	__u64 more; /* reasons for which there was no line */
	char line[SUMMARY_LINES][192];
	const char *lines[SUMMARY_LINES + 1]; /* the same, ends with NULL */
};

/* Fill @summary for @capture point. */
void summary_write(struct summary *summary, unsigned int point, const struct capture_maps *maps,
		   const struct points *points, const struct xdpdrop_tally *captured);

#endif

/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * A site's totals in words, for the end of a capture file: what was left out, and each reason.
 */
#ifndef XDPDROP_SUMMARY_H
#define XDPDROP_SUMMARY_H

#include "totals.h"

#define SUMMARY_LINES 66

struct summary {
	unsigned int site;
	unsigned int count;
	__u64 more; /* reasons for which there was no line */
	char line[SUMMARY_LINES][192];
	const char *lines[SUMMARY_LINES + 1]; /* the same, ends with NULL */
};

/* Fill @summary for @site. */
void summary_write(struct summary *summary, unsigned int site, const struct kernel *kernel,
		   const struct sites *sites, const struct xdpdrop_tally *captured);

#endif

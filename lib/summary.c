// SPDX-License-Identifier: LGPL-2.1-only
/*
 * The wording. Frames without a reason get no line: they are the rest.
 */
#include <inttypes.h>
#include <stdio.h>

#include "summary.h"

static char *next_line(struct summary *summary)
{
	char *line = summary->line[summary->count];

	summary->lines[summary->count++] = line;
	summary->lines[summary->count] = NULL;
	return line;
}

static void write_left_out(struct summary *summary, const struct xdpdrop_counters *sum)
{
	if (sum->filtered + sum->sampled_out + sum->limited)
		snprintf(next_line(summary), sizeof(summary->line[0]),
			 "left out: %" PRIu64 " by the filter, %" PRIu64 " by sampling, %" PRIu64
			 " by a rate limit",
			 (uint64_t)sum->filtered, (uint64_t)sum->sampled_out,
			 (uint64_t)sum->limited);
}

static void write_reason(void *data, const struct xdpdrop_reason_stats *stats)
{
	struct summary *summary = data;
	char number[32];
	const char *name = stats->name;

	if (stats->site != summary->site || (!stats->reason && !stats->others))
		return;
	if (summary->count == SUMMARY_LINES - 1) {
		summary->more++;
		return;
	}
	snprintf(number, sizeof(number), "reason %u", stats->reason);
	if (!name)
		name = stats->others ? "other reasons" : number;
	snprintf(next_line(summary), sizeof(summary->line[0]),
		 "%.100s: %" PRIu64 " frames, %" PRIu64 " bytes, %" PRIu64 " captured", name,
		 (uint64_t)stats->frames, (uint64_t)stats->bytes, (uint64_t)stats->captured);
}

void summary_write(struct summary *summary, unsigned int site, const struct kernel *kernel,
		   const struct sites *sites, const struct xdpdrop_tally *captured)
{
	struct xdpdrop_counters sum;

	summary->site = site;
	summary->count = 0;
	summary->more = 0;
	summary->lines[0] = NULL;
	kernel_count(kernel, site, &sum);
	write_left_out(summary, &sum);
	totals_walk(kernel, sites, captured, write_reason, summary);
	if (summary->more)
		snprintf(next_line(summary), sizeof(summary->line[0]), "%" PRIu64 " more reasons",
			 (uint64_t)summary->more);
}

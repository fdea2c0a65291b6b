// SPDX-License-Identifier: LGPL-2.1-only
/*
 * The wording. Frames without a reason get no line: they are the rest.
 */
#include <inttypes.h>
#include <stdio.h>

#include "api/summary.h"

static char *summary_next_line(struct summary *summary)
{
	char *line = summary->line[summary->count];

	summary->lines[summary->count++] = line;
	summary->lines[summary->count] = NULL;
	return line;
}

static void summary_write_left_out(struct summary *summary, const struct xdpdrop_counters *sum)
{
	if (sum->filtered + sum->sampled_out + sum->limited)
		snprintf(summary_next_line(summary), sizeof(summary->line[0]),
			 "left out: %" PRIu64 " by the filter, %" PRIu64 " by sampling, %" PRIu64
			 " by a rate limit",
			 (uint64_t)sum->filtered, (uint64_t)sum->sampled_out,
			 (uint64_t)sum->limited);
}

/* Each with records has an interface of its own, and the last one has the counts of all. */
static void summary_write_programs(struct summary *summary, const struct point *point)
{
	if (point->programs > 1)
		snprintf(summary_next_line(summary), sizeof(summary->line[0]),
			 "the program was replaced %u time%s: counts are those of all, also of the "
			 "interfaces before",
			 point->programs - 1, point->programs == 2 ? "" : "s");
}

static void summary_write_reason(void *data, const struct xdpdrop_reason_stats *stats)
{
	struct summary *summary = data;
	char number[32];
	const char *name = stats->name;

	if (stats->point != summary->point || (!stats->reason && !stats->others))
		return;
	if (summary->count == SUMMARY_LINES - 1) {
		summary->more++;
		return;
	}
	snprintf(number, sizeof(number), "reason %u", stats->reason);
	if (!name)
		name = stats->others ? "other reasons" : number;
	snprintf(summary_next_line(summary), sizeof(summary->line[0]),
		 "%.100s: %" PRIu64 " frames, %" PRIu64 " bytes, %" PRIu64 " captured", name,
		 (uint64_t)stats->frames, (uint64_t)stats->bytes, (uint64_t)stats->captured);
}

void summary_write(struct summary *summary, unsigned int point, const struct capture_maps *maps,
		   const struct points *points, const struct xdpdrop_tally *captured)
{
	struct xdpdrop_counters sum;

	summary->point = point;
	summary->count = 0;
	summary->more = 0;
	summary->lines[0] = NULL;
	capture_maps_count(maps, point, &sum);
	summary_write_programs(summary, &points->point[point]);
	summary_write_left_out(summary, &sum);
	totals_walk(maps, points, captured, summary_write_reason, summary);
	if (summary->more)
		snprintf(summary_next_line(summary), sizeof(summary->line[0]),
			 "%" PRIu64 " more reasons", (uint64_t)summary->more);
}

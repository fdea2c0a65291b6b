// SPDX-License-Identifier: LGPL-2.1-only
/*
 * The statistics of capture points at the end of a file: what was counted since its beginning. The
 * sums over the files of a series are those of the capture.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "api/describe.h"
#include "api/readers.h"
#include "api/totals.h"
#include "base/array.h"
#include "base/cleanup.h"

/* Totals of a capture point as comments: what was not captured, and each reason. */
#define SUMMARY_LINES 67

struct describe_summary {
	unsigned int count;
	__u64 more; /* reasons without a line */
	char line[SUMMARY_LINES][192];
	const char *lines[SUMMARY_LINES + 1]; /* the same lines; ends with NULL */
};

static char *describe_next_line(struct describe_summary *summary)
{
	char *line = summary->line[summary->count];

	summary->lines[summary->count++] = line;
	summary->lines[summary->count] = NULL;
	return line;
}

static void describe_left_out(struct describe_summary *summary, const struct xdpdrop_counters *sum)
{
	if (sum->filtered + sum->sampled_out + sum->limited)
		snprintf(describe_next_line(summary), sizeof(summary->line[0]),
			 "left out: %" PRIu64 " by the filter, %" PRIu64 " by sampling, %" PRIu64
			 " by a rate limit",
			 (uint64_t)sum->filtered, (uint64_t)sum->sampled_out,
			 (uint64_t)sum->limited);
}

/*
 * Each program with records has its own interface in the file. The last one has the counts of all.
 */
static void describe_programs(struct describe_summary *summary, const struct point *point)
{
	if (point->programs > 1)
		snprintf(describe_next_line(summary), sizeof(summary->line[0]),
			 "the program was replaced %u time%s: counts include the earlier "
			 "programs, which have interfaces of their own",
			 point->programs - 1, point->programs == 2 ? "" : "s");
}

static void describe_reason(struct describe_summary *summary,
			    const struct xdpdrop_reason_stats *stats)
{
	char number[32];
	const char *name = stats->name;

	if (!stats->frames || (!stats->reason && !stats->others))
		return;
	if (summary->count == SUMMARY_LINES - 1) {
		summary->more++;
		return;
	}
	snprintf(number, sizeof(number), "reason %u", stats->reason);
	if (!name)
		name = stats->others ? "other reasons" : number;
	snprintf(describe_next_line(summary), sizeof(summary->line[0]),
		 "%.100s: %" PRIu64 " frames, %" PRIu64 " bytes, %" PRIu64 " captured", name,
		 (uint64_t)stats->frames, (uint64_t)stats->bytes, (uint64_t)stats->captured);
}

static int describe_add_row(struct counted_rows *rows, const struct xdpdrop_reason_stats *row)
{
	if (!ARRAY_GROW(rows->row, rows->count))
		return -ENOMEM;
	rows->row[rows->count++] = *row;
	return 0;
}

struct describe_reading {
	struct counted_rows rows;
	int err;
};

static void describe_take_row(void *data, const struct xdpdrop_reason_stats *row)
{
	struct describe_reading *reading = data;

	if (!reading->err)
		reading->err = describe_add_row(&reading->rows, row);
}

static bool describe_is_same_row(const struct xdpdrop_reason_stats *a,
				 const struct xdpdrop_reason_stats *b)
{
	return a->point == b->point && a->reason == b->reason && a->others == b->others;
}

/* Frames without a reason are a difference of counters that are not read at one instant. */
static __u64 describe_growth(__u64 now, __u64 before)
{
	return now > before ? now - before : 0;
}

/* What @row has counted since the file's beginning. The order of rows is that of @before. */
static struct xdpdrop_reason_stats describe_since(struct xdpdrop_reason_stats row,
						  const struct counted_rows *before, size_t *at)
{
	size_t i = *at;

	while (i < before->count && !describe_is_same_row(&before->row[i], &row))
		i++;
	if (i == before->count)
		return row;
	row.frames = describe_growth(row.frames, before->row[i].frames);
	row.bytes = describe_growth(row.bytes, before->row[i].bytes);
	row.captured = describe_growth(row.captured, before->row[i].captured);
	*at = i + 1;
	return row;
}

static struct xdpdrop_counters describe_subtract(struct xdpdrop_counters sum,
						 const struct xdpdrop_counters *before)
{
	sum.seen -= before->seen;
	sum.filtered -= before->filtered;
	sum.sampled_out -= before->sampled_out;
	sum.limited -= before->limited;
	sum.lost -= before->lost;
	sum.captured -= before->captured;
	sum.bytes -= before->bytes;
	return sum;
}

static int describe_put_counts(struct sink *sink, unsigned int index,
			       const struct xdpdrop_counters *sum, __u64 delivered,
			       const struct describe_summary *summary)
{
	const struct writer_counts counts = {
		.start = sink->start,
		.end = clock_realtime(&sink->clock, clock_kernel()),
		.received = sum->seen,
		.dropped = sum->lost,
		.accepted = sum->seen - sum->filtered,
		.delivered = delivered,
		.comments = summary->lines,
	};
	int err = 0;

	/* a program that is gone may have counted frames in this file, and have no record in it */
	if (sum->seen || delivered)
		err = sink_announce_point(sink, index);
	return err ? err : sink_put_counts(sink, index, &counts);
}

static int describe_one(struct xdpdrop *session, struct sink *sink, unsigned int index,
			const struct counted *now, size_t *at, struct describe_summary *summary)
{
	const struct counted *before = readers_before(session, sink->reader);
	const struct counted_rows *rows = &now->rows;
	const struct xdpdrop_counters since =
		describe_subtract(now->sum[index], &before->sum[index]);

	summary->count = summary->more = 0;
	summary->lines[0] = NULL;
	describe_programs(summary, &session->points.point[index]);
	describe_left_out(summary, &since);
	for (size_t i = 0; i < rows->count; i++) {
		struct xdpdrop_reason_stats row;

		if (rows->row[i].point != index)
			continue;
		row = describe_since(rows->row[i], &before->rows, at);
		describe_reason(summary, &row);
	}
	if (summary->more)
		snprintf(describe_next_line(summary), sizeof(summary->line[0]),
			 "%" PRIu64 " more reasons", (uint64_t)summary->more);
	return describe_put_counts(sink, index, &since,
				   now->delivered[index] - before->delivered[index], summary);
}

/* @only: of this reader; negative: of all. */
static int describe_count_of(const struct xdpdrop *session, int only, struct counted *now)
{
	const struct totals totals = readers_totals(session, only);
	struct describe_reading reading = { 0 };
	int err = totals_walk(&totals, describe_take_row, &reading);

	*now = (struct counted){ .rows = reading.rows };
	for (unsigned int i = 0; i < session->points.count; i++) {
		const struct point *point = &session->points.point[i];

		totals_count(&totals, i, &now->sum[i]);
		now->delivered[i] =
			only < 0 ? points_sum(point).delivered : point->use[only].delivered;
	}
	return err ? err : reading.err;
}

int describe_count(const struct xdpdrop *session, struct counted *now)
{
	return describe_count_of(session, -1, now);
}

static void describe_set_before_of(struct xdpdrop *session, struct sink *sink,
				   struct counted *before, __u64 start)
{
	struct counted *kept = readers_before(session, sink->reader);

	free(kept->rows.row);
	*kept = *before;
	before->rows = (struct counted_rows){ 0 };
	sink->start = start;
}

void describe_set_before(struct xdpdrop *session, struct counted *before, __u64 start)
{
	describe_set_before_of(session, &session->sink, before, start);
}

int describe_totals(struct xdpdrop *session, unsigned int reader)
{
	CLEANUP_FREE struct describe_summary *summary = malloc(sizeof(*summary));
	CLEANUP_FREE struct counted *now = calloc(1, sizeof(*now));
	const int only = session->reader_count ? (int)reader : -1;
	struct sink *sink = readers_sink(session, reader);
	size_t at = 0;
	int err = summary && now ? describe_count_of(session, only, now) : -ENOMEM;

	for (unsigned int i = 0; !err && i < session->points.count; i++)
		err = describe_one(session, sink, i, now, &at, summary);
	if (now)
		describe_set_before_of(session, sink, now,
				       clock_realtime(&sink->clock, clock_kernel()));
	return err;
}

void describe_each_since(const struct xdpdrop *session, const struct counted *now,
			 xdpdrop_reason_fn fn, void *data)
{
	size_t at = 0;

	for (size_t i = 0; i < now->rows.count; i++) {
		struct xdpdrop_reason_stats row =
			describe_since(now->rows.row[i], &session->before.rows, &at);

		if (row.frames)
			fn(data, &row);
	}
}

// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Merges the tallies of all CPUs and of the library. Tallies do not count frames without a reason:
 * these are the remainder of the capture point's counters.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "api/totals.h"
#include "base/array.h"
#include "base/cleanup.h"

struct rows {
	struct xdpdrop_reason_stats *row;
	size_t count;
};

static void totals_rows_free(struct rows *rows)
{
	free(rows->row);
}

#define CLEANUP_ROWS __attribute__((cleanup(totals_rows_free)))

static int totals_add_row(struct rows *rows, const struct xdpdrop_reason_stats *row)
{
	if (!ARRAY_GROW(rows->row, rows->count))
		return -ENOMEM;
	rows->row[rows->count++] = *row;
	return 0;
}

static int totals_add_slot(struct rows *rows, const struct xdpdrop_tally_slot *slot,
			   struct xdpdrop_reason_stats row, bool captured)
{
	row.frames = __atomic_load_n(&slot->frames, __ATOMIC_RELAXED);
	row.bytes = __atomic_load_n(&slot->bytes, __ATOMIC_RELAXED);
	row.captured = captured ? row.frames : 0;
	return row.frames ? totals_add_row(rows, &row) : 0;
}

/* Slots of frames without a reason are used only by the rate limit. */
static int totals_add_tally(struct rows *rows, const struct xdpdrop_tally *tally, bool captured)
{
	int err = 0;

	for (size_t i = 0; !err && i < XDPDROP_TALLY_SLOTS; i++) {
		__u64 key = __atomic_load_n(&tally->slot[i].key, __ATOMIC_RELAXED);
		struct xdpdrop_reason_stats row = { .point = (key >> 32) - 1, .reason = key };

		if (key && row.reason)
			err = totals_add_slot(rows, &tally->slot[i], row, captured);
	}
	for (unsigned int point = 0; !err && point < XDPDROP_MAX_POINTS; point++) {
		struct xdpdrop_reason_stats row = { .point = point, .others = true };

		err = totals_add_slot(rows, &tally->others[point], row, captured);
	}
	return err;
}

static int totals_compare(const void *left, const void *right)
{
	const struct xdpdrop_reason_stats *a = left, *b = right;

	if (a->point != b->point)
		return a->point < b->point ? -1 : 1;
	if (a->others != b->others)
		return a->others ? 1 : -1;
	return a->reason < b->reason ? -1 : a->reason > b->reason;
}

static void totals_merge(struct rows *rows)
{
	size_t count = 0;

	if (!rows->count)
		return;
	qsort(rows->row, rows->count, sizeof(*rows->row), totals_compare);
	for (size_t i = 1; i < rows->count; i++) {
		struct xdpdrop_reason_stats *last = &rows->row[count], *row = &rows->row[i];

		if (totals_compare(last, row)) {
			rows->row[++count] = *row;
			continue;
		}
		last->frames += row->frames;
		last->bytes += row->bytes;
		last->captured += row->captured;
	}
	rows->count = count + 1;
}

static bool totals_has_reader(const struct totals *totals, unsigned int reader)
{
	return totals->only < 0 || reader == (unsigned int)totals->only;
}

static bool totals_has_cpu(const struct totals *totals, unsigned int cpu)
{
	return totals->only < 0 || totals_has_reader(totals, totals->maps->reader[cpu]);
}

static int totals_collect(struct rows *rows, const struct totals *totals)
{
	const struct capture_maps *maps = totals->maps;
	int err = 0;

	for (unsigned int i = 0; !err && i < POINTS_READERS && totals->captured[i]; i++)
		if (totals_has_reader(totals, i))
			err = totals_add_tally(rows, totals->captured[i], true);
	for (unsigned int cpu = 0; !err && maps->states && cpu < maps->cpus; cpu++)
		if (totals_has_cpu(totals, cpu))
			err = totals_add_tally(rows, &maps->states[cpu].left_out, false);
	totals_merge(rows);
	return err;
}

/* Of frames that no row counts. */
static __u64 totals_filtered_bytes(const struct totals *totals, unsigned int point)
{
	const struct capture_maps *maps = totals->maps;
	__u64 bytes = 0;

	for (unsigned int cpu = 0; maps->states && cpu < maps->cpus; cpu++)
		if (totals_has_cpu(totals, cpu))
			bytes += __atomic_load_n(&maps->states[cpu].filtered_bytes[point],
						 __ATOMIC_RELAXED);
	return bytes;
}

void totals_count(const struct totals *totals, unsigned int point, struct xdpdrop_counters *sum)
{
	if (totals->only < 0)
		capture_maps_count(totals->maps, point, sum);
	else
		capture_maps_count_of(totals->maps, totals->only, point, sum);
}

static __u64 totals_read(const struct totals *totals, unsigned int point)
{
	const struct point *counted = &totals->points->point[point];

	return totals->only < 0 ? points_sum(counted).read : counted->use[totals->only].read;
}

/* All frames of capture point @point that have an outcome, as if none had a reason. */
static struct xdpdrop_reason_stats totals_of_point(const struct totals *totals, unsigned int point)
{
	struct xdpdrop_reason_stats all = { .point = point };
	struct xdpdrop_counters sum;

	totals_count(totals, point, &sum);
	all.captured = totals_read(totals, point);
	all.frames = sum.sampled_out + sum.limited + sum.lost + all.captured;
	all.frames += totals->maps->limits.matching ? 0 : sum.filtered;
	all.bytes = sum.bytes - totals_filtered_bytes(totals, point);
	return all;
}

/*
 * Of all capture points. Read before the tallies: a frame that arrives in between is missing among
 * those without a reason, and does not seem to be one. To be freed; NULL: no memory.
 */
static struct xdpdrop_reason_stats *totals_of_points(const struct totals *totals)
{
	const struct points *points = totals->points;
	struct xdpdrop_reason_stats *all = calloc(points->count + 1, sizeof(*all));

	for (unsigned int point = 0; all && point < points->count; point++)
		all[point] = totals_of_point(totals, point);
	return all;
}

/*
 * Subtract the rows of a capture point from @all of it. They begin at *@index, which is moved
 * behind them. A frame without an outcome, or still in a ring, has no reason yet.
 */
static struct xdpdrop_reason_stats totals_rest(struct xdpdrop_reason_stats all,
					       const struct rows *rows, size_t *index)
{
	for (; *index < rows->count && rows->row[*index].point == all.point; ++*index) {
		all.frames -= rows->row[*index].frames;
		all.bytes -= rows->row[*index].bytes;
		all.captured -= rows->row[*index].captured;
	}
	return all;
}

static bool totals_is_negative(__u64 difference)
{
	return (__s64)difference < 0;
}

/* While frames arrive, tables and counters are not read at the same instant. */
static void totals_walk_point(const struct rows *rows, size_t first, size_t end,
			      const struct point *point, struct xdpdrop_reason_stats rest,
			      xdpdrop_reason_fn fn, void *data)
{
	if (rest.frames && !totals_is_negative(rest.frames)) {
		rest.bytes = totals_is_negative(rest.bytes) ? 0 : rest.bytes;
		rest.captured = totals_is_negative(rest.captured) ? 0 : rest.captured;
		fn(data, &rest);
	}
	for (size_t i = first; i < end; i++) {
		struct xdpdrop_reason_stats row = rows->row[i];

		if (!row.others)
			row.name = reasons_name(&point->reasons, row.reason);
		fn(data, &row);
	}
}

int totals_walk(const struct totals *totals, xdpdrop_reason_fn fn, void *data)
{
	CLEANUP_FREE struct xdpdrop_reason_stats *all = totals_of_points(totals);
	const struct points *points = totals->points;
	CLEANUP_ROWS struct rows rows = { 0 };
	int err = all ? totals_collect(&rows, totals) : -ENOMEM;
	size_t index = 0;

	for (unsigned int point = 0; !err && point < points->count; point++) {
		size_t first = index;
		struct xdpdrop_reason_stats left = totals_rest(all[point], &rows, &index);

		totals_walk_point(&rows, first, index, &points->point[point], left, fn, data);
	}
	return err;
}

bool totals_hold(const struct totals *totals)
{
	CLEANUP_ROWS struct rows rows = { 0 };
	bool hold = true;
	size_t index = 0;

	if (totals_collect(&rows, totals))
		return true;
	for (unsigned int point = 0; point < totals->points->count; point++) {
		struct xdpdrop_reason_stats all = totals_of_point(totals, point);
		struct xdpdrop_reason_stats left = totals_rest(all, &rows, &index);

		hold = hold && !totals_is_negative(left.captured) &&
		       !totals_is_negative(left.bytes) &&
		       !totals_is_negative(left.frames - left.captured);
	}
	return hold && index == rows.count;
}

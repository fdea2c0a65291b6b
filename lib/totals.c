// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Merges the tallies of all CPUs and of the library. Frames without a reason are in none of them:
 * they are what is left of the site's counters.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "totals.h"

struct rows {
	struct xdpdrop_reason_stats *row;
	size_t count, room;
};

static void rows_free(struct rows *rows)
{
	free(rows->row);
}

#define CLEANUP_ROWS __attribute__((cleanup(rows_free)))

static int add(struct rows *rows, const struct xdpdrop_reason_stats *row)
{
	if (rows->count == rows->room) {
		size_t room = rows->room ? 2 * rows->room : 64;
		struct xdpdrop_reason_stats *grown = realloc(rows->row, room * sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		rows->row = grown;
		rows->room = room;
	}
	rows->row[rows->count++] = *row;
	return 0;
}

static int add_slot(struct rows *rows, const struct xdpdrop_tally_slot *slot,
		    struct xdpdrop_reason_stats row, bool captured)
{
	row.frames = __atomic_load_n(&slot->frames, __ATOMIC_RELAXED);
	row.bytes = __atomic_load_n(&slot->bytes, __ATOMIC_RELAXED);
	row.captured = captured ? row.frames : 0;
	return row.frames ? add(rows, &row) : 0;
}

/* Of frames without a reason only the rate limit knows in a tally. */
static int add_tally(struct rows *rows, const struct xdpdrop_tally *tally, bool captured)
{
	int err = 0;

	for (size_t i = 0; !err && i < XDPDROP_TALLY_SLOTS; i++) {
		__u64 key = __atomic_load_n(&tally->slot[i].key, __ATOMIC_RELAXED);
		struct xdpdrop_reason_stats row = { .site = (key >> 32) - 1, .reason = key };

		if (key && row.reason)
			err = add_slot(rows, &tally->slot[i], row, captured);
	}
	for (unsigned int site = 0; !err && site < XDPDROP_MAX_SITES; site++) {
		struct xdpdrop_reason_stats row = { .site = site, .others = true };

		err = add_slot(rows, &tally->others[site], row, captured);
	}
	return err;
}

static int compare(const void *left, const void *right)
{
	const struct xdpdrop_reason_stats *a = left, *b = right;

	if (a->site != b->site)
		return a->site < b->site ? -1 : 1;
	if (a->others != b->others)
		return a->others ? 1 : -1;
	return a->reason < b->reason ? -1 : a->reason > b->reason;
}

static void merge(struct rows *rows)
{
	size_t count = 0;

	if (!rows->count)
		return;
	qsort(rows->row, rows->count, sizeof(*rows->row), compare);
	for (size_t i = 1; i < rows->count; i++) {
		struct xdpdrop_reason_stats *last = &rows->row[count], *row = &rows->row[i];

		if (compare(last, row)) {
			rows->row[++count] = *row;
			continue;
		}
		last->frames += row->frames;
		last->bytes += row->bytes;
		last->captured += row->captured;
	}
	rows->count = count + 1;
}

static int collect(struct rows *rows, const struct kernel *kernel,
		   const struct xdpdrop_tally *captured)
{
	int err = add_tally(rows, captured, true);

	for (unsigned int cpu = 0; !err && kernel->states && cpu < kernel->cpus; cpu++)
		err = add_tally(rows, &kernel->states[cpu].left_out, false);
	merge(rows);
	return err;
}

/* The rows of @site begin at *@index, which moves behind them. What they leave of its counters. */
static struct xdpdrop_reason_stats rest(const struct kernel *kernel, const struct rows *rows,
					size_t *index, unsigned int site)
{
	struct xdpdrop_reason_stats rest = { .site = site };
	struct xdpdrop_counters sum;

	kernel_count(kernel, site, &sum);
	rest.frames = sum.seen;
	rest.bytes = sum.bytes;
	rest.captured = sum.captured;
	for (; *index < rows->count && rows->row[*index].site == site; ++*index) {
		rest.frames -= rows->row[*index].frames;
		rest.bytes -= rows->row[*index].bytes;
		rest.captured -= rows->row[*index].captured;
	}
	return rest;
}

static bool is_negative(__u64 difference)
{
	return (__s64)difference < 0;
}

/* While frames arrive, the tables are not read at the same instant as the counters. */
static void walk_site(const struct rows *rows, size_t first, size_t end, const struct site *site,
		      struct xdpdrop_reason_stats rest, xdpdrop_reason_fn fn, void *data)
{
	if (rest.frames && !is_negative(rest.frames)) {
		rest.bytes = is_negative(rest.bytes) ? 0 : rest.bytes;
		rest.captured = is_negative(rest.captured) ? 0 : rest.captured;
		fn(data, &rest);
	}
	for (size_t i = first; i < end; i++) {
		struct xdpdrop_reason_stats row = rows->row[i];

		if (!row.others)
			row.name = reasons_name(&site->reasons, row.reason);
		fn(data, &row);
	}
}

int totals_walk(const struct kernel *kernel, const struct sites *sites,
		const struct xdpdrop_tally *captured, xdpdrop_reason_fn fn, void *data)
{
	CLEANUP_ROWS struct rows rows = { 0 };
	int err = collect(&rows, kernel, captured);
	size_t index = 0;

	for (unsigned int site = 0; !err && site < sites->count; site++) {
		size_t first = index;
		struct xdpdrop_reason_stats left = rest(kernel, &rows, &index, site);

		walk_site(&rows, first, index, &sites->site[site], left, fn, data);
	}
	return err;
}

bool totals_hold(const struct kernel *kernel, const struct sites *sites,
		 const struct xdpdrop_tally *captured)
{
	CLEANUP_ROWS struct rows rows = { 0 };
	bool hold = true;
	size_t index = 0;

	if (collect(&rows, kernel, captured))
		return true;
	for (unsigned int site = 0; site < sites->count; site++) {
		struct xdpdrop_reason_stats left = rest(kernel, &rows, &index, site);

		hold = hold && !is_negative(left.captured) && !is_negative(left.bytes) &&
		       !is_negative(left.frames - left.captured);
	}
	return hold && index == rows.count;
}

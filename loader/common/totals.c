// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sorts and prints the totals from the library.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/report.h"
#include "common/text.h"
#include "common/totals.h"

/* Maximum number of lines for one capture point: a program may compute reasons from frames. */
#define MOST_REASONS 40
#define MOST_RULES 10
#define NAME_WIDTH 24
#define MOST_TOP 5 /* reasons in the line of an interval */

struct rows {
	struct xdpdrop_reason_stats *row; /* NULL: out of memory, nothing is printed */
	size_t count, room;
	bool reasons; /* some reason is not 0 */
};

static void totals_collect(void *data, const struct xdpdrop_reason_stats *stats)
{
	struct rows *rows = data;

	if (rows->count == rows->room) {
		size_t room = 2 * rows->room + 16;
		struct xdpdrop_reason_stats *grown = realloc(rows->row, room * sizeof(*grown));

		if (!grown)
			return;
		rows->row = grown;
		rows->room = room;
	}
	rows->row[rows->count++] = *stats;
	rows->reasons |= stats->reason || stats->others;
}

static int totals_compare(const void *left, const void *right)
{
	const struct xdpdrop_reason_stats *a = left, *b = right;

	if (a->point != b->point)
		return a->point < b->point ? -1 : 1;
	if (a->frames != b->frames)
		return a->frames > b->frames ? -1 : 1;
	return a->reason < b->reason ? -1 : a->reason > b->reason;
}

static void totals_print_counts(FILE *stream, __u64 frames, __u64 bytes, __u64 captured)
{
	fprintf(stream, "%" PRIu64 " frame%s (%s), %" PRIu64 " captured\n", (uint64_t)frames,
		frames == 1 ? "" : "s", report_bytes(bytes).text, (uint64_t)captured);
}

/* "eth0 fw (id 114) xdpdrop_hook (id 12)" */
static void totals_print_point(FILE *stream, const struct xdpdrop_point *point,
			       const struct xdpdrop_point_stats *stats)
{
	char name[160];
	int used = snprintf(name, sizeof(name), "%s", point->ifname);

	if (point->program_id)
		used += snprintf(name + used, sizeof(name) - used, " %s (id %u)", point->program,
				 point->program_id);
	if (point->hook_id)
		snprintf(name + used, sizeof(name) - used, " %s (id %u)", point->hook,
			 point->hook_id);
	fprintf(stream, "%s: ", text_clean(name));
	totals_print_counts(stream, stats->seen, stats->bytes, stats->captured);
}

static void totals_name_reason(char *name, size_t size, const struct xdpdrop_reason_stats *row)
{
	if (row->others)
		snprintf(name, size, "other reasons");
	else if (!row->reason)
		snprintf(name, size, "no reason");
	else if (row->name)
		snprintf(name, size, "%s", row->name);
	else
		snprintf(name, size, "reason %u", row->reason);
	text_clean(name);
}

static void totals_print_reason(FILE *stream, const struct xdpdrop_reason_stats *row)
{
	char name[128];

	totals_name_reason(name, sizeof(name), row);
	fprintf(stream, "  %-*s ", NAME_WIDTH, name);
	totals_print_counts(stream, row->frames, row->bytes, row->captured);
}

/* @rows: the rows of one capture point. */
static void totals_print_reasons(FILE *stream, const struct xdpdrop_reason_stats *rows,
				 size_t count)
{
	size_t shown = count > MOST_REASONS ? MOST_REASONS : count;
	__u64 frames = 0, bytes = 0, captured = 0;

	if (count == 1 && !rows->reason && !rows->others)
		return;
	for (size_t i = 0; i < shown; i++)
		totals_print_reason(stream, &rows[i]);
	if (shown == count)
		return;
	for (size_t i = shown; i < count; i++) {
		frames += rows[i].frames;
		bytes += rows[i].bytes;
		captured += rows[i].captured;
	}
	fprintf(stream, "  %zu more reasons: ", count - shown);
	totals_print_counts(stream, frames, bytes, captured);
}

static void totals_print_all(FILE *stream, const struct xdpdrop *session, const struct rows *rows)
{
	size_t end = 0;

	for (unsigned int i = 0; i < xdpdrop_point_count(session); i++) {
		struct xdpdrop_point_stats stats = { .size = sizeof(stats) };
		size_t first = end;

		while (end < rows->count && rows->row[end].point == i)
			end++;
		xdpdrop_get_point_stats(session, i, &stats);
		if (!stats.seen)
			continue;
		totals_print_point(stream, xdpdrop_get_point(session, i), &stats);
		totals_print_reasons(stream, rows->row + first, end - first);
	}
}

struct rule_printer {
	FILE *stream;
	bool headed;
};

static void totals_print_rule(void *data, const struct xdpdrop_rule_stats *stats)
{
	struct rule_printer *printer = data;
	char name[128];

	if (!printer->headed)
		fprintf(printer->stream, "rules with the most captured frames:\n");
	printer->headed = true;
	if (stats->others)
		snprintf(name, sizeof(name), "other rules");
	else if (stats->name)
		snprintf(name, sizeof(name), "%s", stats->name);
	else
		snprintf(name, sizeof(name), "rule %" PRIu64, (uint64_t)stats->rule);
	fprintf(printer->stream, "  %-*s %" PRIu64 " frame%s (%s)\n", NAME_WIDTH, text_clean(name),
		(uint64_t)stats->frames, stats->frames == 1 ? "" : "s",
		report_bytes(stats->bytes).text);
}

void totals_print(FILE *stream, const struct xdpdrop *session)
{
	struct rule_printer printer = { .stream = stream };
	struct rows rows = { 0 };

	if (xdpdrop_get_reasons(session, totals_collect, &rows) || !rows.row)
		return;
	qsort(rows.row, rows.count, sizeof(*rows.row), totals_compare);
	if (rows.reasons || xdpdrop_point_count(session) > 1)
		totals_print_all(stream, session, &rows);
	xdpdrop_get_rules(session, MOST_RULES, totals_print_rule, &printer);
	free(rows.row);
}

/* In the library's order. */
static bool totals_is_before(const struct xdpdrop_reason_stats *a,
			     const struct xdpdrop_reason_stats *b)
{
	if (a->point != b->point)
		return a->point < b->point;
	return a->others != b->others ? b->others : a->reason < b->reason;
}

/* Frames of @row since @totals were taken. @at: where to look there, which only moves on. */
static __u64 totals_frames_since(const struct totals *totals,
				 const struct xdpdrop_reason_stats *row, size_t *at)
{
	while (*at < totals->count && totals_is_before(&totals->row[*at], row))
		++*at;
	if (*at == totals->count || totals_is_before(row, &totals->row[*at]))
		return row->frames;
	/* Frames without a reason are a difference of counters that are not read at one instant. */
	return row->frames > totals->row[*at].frames ? row->frames - totals->row[*at].frames : 0;
}

static int totals_compare_frames(const void *left, const void *right)
{
	const struct xdpdrop_reason_stats *a = left, *b = right;

	return (a->frames < b->frames) - (a->frames > b->frames);
}

/* @rows: frames of the interval. */
static void totals_report_top_rows(struct report *report, const struct xdpdrop *session,
				   struct rows *rows, __u64 span_ms)
{
	char text[MOST_TOP * 96] = "", name[128];
	size_t used = 0;

	qsort(rows->row, rows->count, sizeof(*rows->row), totals_compare_frames);
	for (size_t i = 0; i < rows->count && i < MOST_TOP && rows->row[i].frames; i++) {
		const struct xdpdrop_reason_stats *row = &rows->row[i];
		const struct xdpdrop_point *point = xdpdrop_get_point(session, row->point);
		bool several = xdpdrop_point_count(session) > 1;

		totals_name_reason(name, sizeof(name), row);
		used += snprintf(text + used, sizeof(text) - used, "%s%.15s%s%.40s %" PRIu64 "/s",
				 used ? ", " : "", several ? point->program : "",
				 several ? " " : "", name,
				 (uint64_t)(span_ms ? row->frames * 1000 / span_ms : 0));
	}
	if (used)
		report_info(report, "most frames since then: %s", text);
}

void totals_report_top(struct totals *totals, struct report *report, const struct xdpdrop *session,
		       __u64 span_ms)
{
	struct xdpdrop_reason_stats *kept;
	struct rows rows = { 0 };
	size_t at = 0;

	if (xdpdrop_get_reasons(session, totals_collect, &rows) || !rows.row)
		return;
	kept = malloc(rows.count * sizeof(*kept));
	for (size_t i = 0; kept && i < rows.count; i++) {
		kept[i] = rows.row[i];
		rows.row[i].frames = totals_frames_since(totals, &rows.row[i], &at);
	}
	if (kept && rows.reasons)
		totals_report_top_rows(report, session, &rows, span_ms);
	free(rows.row);
	if (!kept)
		return;
	free(totals->row);
	*totals = (struct totals){ .row = kept, .count = rows.count };
}

void totals_free(struct totals *totals)
{
	free(totals->row);
	*totals = (struct totals){ 0 };
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each update reads all reasons into a sorted list, and merges it with the rows of the last one.
 */
#include "count/monitor_table.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NONE "-"
#define OTHERS "other"
#define SECOND 1e9

/* Names that several capture points may have. */
struct monitor_place {
	char interface[16], tap[16], program[64], hook[16];
	bool gone;
};

/* Reasons as they are now. */
struct monitor_list {
	struct monitor_table *table;
	struct monitor_row *row;
	unsigned int count, room;
	unsigned int at[256]; /* place of each capture point */
	int error;
};

static const char *monitor_or_none(const char *text)
{
	return *text ? text : NONE;
}

static void monitor_place_fill(struct monitor_place *place, const struct xdpdrop_point *point)
{
	*place = (struct monitor_place){ .gone = true };
	snprintf(place->interface, sizeof(place->interface), "%s", monitor_or_none(point->ifname));
	snprintf(place->tap, sizeof(place->tap), "%s", point->tap);
	snprintf(place->program, sizeof(place->program), "%s",
		 point->program_id ? monitor_or_none(point->program) : NONE);
	snprintf(place->hook, sizeof(place->hook), "%s",
		 point->hook_id ? monitor_or_none(point->hook) : NONE);
}

static bool monitor_place_is(const struct monitor_place *a, const struct monitor_place *b)
{
	return !strcmp(a->interface, b->interface) && !strcmp(a->tap, b->tap) &&
	       !strcmp(a->program, b->program) && !strcmp(a->hook, b->hook);
}

/* Returns the place of @point, or -ENOMEM. */
static int monitor_table_find(struct monitor_table *table, const struct xdpdrop_point *point)
{
	struct monitor_place like, *place, **grown;

	monitor_place_fill(&like, point);
	for (unsigned int i = 0; i < table->places; i++)
		if (monitor_place_is(table->place[i], &like))
			return i;
	grown = realloc(table->place, (table->places + 1) * sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	table->place = grown;
	place = malloc(sizeof(*place));
	if (!place)
		return -ENOMEM;
	*place = like;
	table->place[table->places] = place;
	return table->places++;
}

static int monitor_list_place_points(struct monitor_list *list, const struct xdpdrop *session)
{
	struct monitor_table *table = list->table;
	unsigned int count = xdpdrop_point_count(session);

	for (unsigned int i = 0; i < table->places; i++)
		table->place[i]->gone = true;
	for (unsigned int i = 0; i < count && i < sizeof(list->at) / sizeof(*list->at); i++) {
		const struct xdpdrop_point *point = xdpdrop_get_point(session, i);
		int place = monitor_table_find(table, point);

		if (place < 0)
			return place;
		list->at[i] = place;
		table->place[place]->gone &= point->gone;
	}
	return 0;
}

static int monitor_list_grow(struct monitor_list *list)
{
	unsigned int room = 2 * list->room + 16;
	struct monitor_row *grown = realloc(list->row, room * sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	list->row = grown;
	list->room = room;
	return 0;
}

static char *monitor_name_reason(const struct xdpdrop_reason_stats *stats)
{
	char number[16];

	snprintf(number, sizeof(number), "%u", stats->reason);
	return strdup(stats->others		  ? OTHERS :
		      stats->name && *stats->name ? stats->name :
		      stats->reason		  ? number :
						    NONE);
}

static void monitor_list_add(void *data, const struct xdpdrop_reason_stats *stats)
{
	struct monitor_list *list = data;
	const struct monitor_place *place;
	struct monitor_row *row;
	char *reason;

	if (list->error || (list->count == list->room && (list->error = monitor_list_grow(list))))
		return;
	reason = monitor_name_reason(stats);
	if (!reason) {
		list->error = -ENOMEM;
		return;
	}
	place = list->table->place[list->at[stats->point]];
	row = &list->row[list->count++];
	*row = (struct monitor_row){ .place = list->at[stats->point],
				     .interface = place->interface,
				     .program = place->program,
				     .hook = place->hook,
				     .tap = place->tap,
				     .reason = reason,
				     .number = stats->reason,
				     .others = stats->others,
				     .point = stats->point,
				     .frames = stats->frames,
				     .bytes = stats->bytes };
}

static int monitor_row_compare(const void *left, const void *right)
{
	const struct monitor_row *a = left, *b = right;

	if (a->place != b->place)
		return a->place < b->place ? -1 : 1;
	if (a->others != b->others)
		return a->others ? 1 : -1;
	return strcmp(a->reason, b->reason);
}

static void monitor_row_free(struct monitor_row *row)
{
	free((char *)row->reason);
}

/* Sort, and add up rows of the same names. */
static void monitor_list_merge(struct monitor_list *list)
{
	unsigned int count = 0;

	if (!list->count)
		return;
	qsort(list->row, list->count, sizeof(*list->row), monitor_row_compare);
	for (unsigned int i = 1; i < list->count; i++) {
		struct monitor_row *last = &list->row[count], *row = &list->row[i];

		if (monitor_row_compare(last, row)) {
			list->row[++count] = *row;
			continue;
		}
		last->frames += row->frames;
		last->bytes += row->bytes;
		last->point = row->point > last->point ? row->point : last->point;
		monitor_row_free(row);
	}
	list->count = count + 1;
}

/*
 * Frames without a reason are a difference of counters that are not read at one instant: while
 * frames arrive, the sum may seem to shrink.
 */
static __u64 monitor_grown(__u64 old, __u64 now, bool final)
{
	return final || now > old ? now : old;
}

/* @now: what was read, NULL: nothing. */
static void monitor_row_update(struct monitor_row *row, const struct monitor_row *now, double span,
			       bool final)
{
	__u64 frames = monitor_grown(row->frames, now ? now->frames : 0, final);
	__u64 bytes = monitor_grown(row->bytes, now ? now->bytes : 0, final);
	__u64 more = frames > row->frames ? frames - row->frames : 0;

	if (!final) {
		row->frame_rate = span > 0 ? more / span : 0;
		row->byte_rate = span > 0 ? (bytes - row->bytes) / span : 0;
		memmove(row->recent, row->recent + 1, sizeof(row->recent) - sizeof(*row->recent));
		row->recent[MONITOR_RECENT - 1] = more < ~0U ? more : ~0U;
	}
	row->frames = frames;
	row->bytes = bytes;
	if (now)
		row->point = now->point;
}

/* The rows of the table and those of the list, which are both sorted, in one new table. */
static int monitor_table_merge(struct monitor_table *table, struct monitor_list *list)
{
	struct monitor_row *merged = malloc((table->count + list->count + 1) * sizeof(*merged));
	unsigned int old = 0, now = 0, count = 0;

	if (!merged)
		return -ENOMEM;
	while (old < table->count || now < list->count) {
		struct monitor_row *row = old < table->count ? &table->row[old] : NULL;
		struct monitor_row *read = now < list->count ? &list->row[now] : NULL;
		int order = !row ? 1 : !read ? -1 : monitor_row_compare(row, read);

		merged[count] = order <= 0 ? *row : *read;
		if (order > 0) {
			merged[count].frames = merged[count].bytes = 0;
			merged[count].order = table->rows++;
		}
		monitor_row_update(&merged[count], order >= 0 ? read : NULL, table->span,
				   table->final);
		merged[count].gone = table->place[merged[count].place]->gone;
		if (!order)
			monitor_row_free(read);
		old += order <= 0;
		now += order >= 0;
		count++;
	}
	list->count = 0;
	free(table->row);
	table->row = merged;
	table->count = count;
	return 0;
}

static void monitor_table_sum(struct monitor_table *table)
{
	struct monitor_row sum = { .frames = 0 };

	for (unsigned int i = 0; i < table->count; i++) {
		sum.frames += table->row[i].frames;
		sum.bytes += table->row[i].bytes;
	}
	table->total.interface = table->total.program = table->total.hook = NONE;
	table->total.tap = table->total.reason = NONE;
	monitor_row_update(&table->total, &sum, table->span, table->final);
}

static void monitor_list_free(struct monitor_list *list)
{
	for (unsigned int i = 0; i < list->count; i++)
		monitor_row_free(&list->row[i]);
	free(list->row);
}

static int monitor_table_read(struct monitor_table *table, struct xdpdrop *session)
{
	struct monitor_list list = { .table = table };
	int err = monitor_list_place_points(&list, session);

	err = err ? err : xdpdrop_get_reasons(session, monitor_list_add, &list);
	err = err ? err : list.error;
	if (!err) {
		monitor_list_merge(&list);
		err = monitor_table_merge(table, &list);
	}
	monitor_list_free(&list);
	if (err)
		return err;
	monitor_table_sum(table);
	table->stats = (struct xdpdrop_stats){ .size = sizeof(table->stats) };
	return xdpdrop_get_stats(session, &table->stats);
}

int monitor_table_update(struct monitor_table *table, struct xdpdrop *session, __u64 now_ns)
{
	bool first = !table->start_ns;
	int err;

	table->span = first ? 0 : (now_ns - table->now_ns) / SECOND;
	err = monitor_table_read(table, session);
	if (err)
		return err;
	table->now_ns = now_ns;
	if (first)
		table->start_ns = now_ns;
	else
		table->intervals++;
	return 0;
}

int monitor_table_finish(struct monitor_table *table, struct xdpdrop *session, int status)
{
	table->final = true;
	table->status = status;
	return monitor_table_read(table, session);
}

void monitor_table_free(struct monitor_table *table)
{
	for (unsigned int i = 0; i < table->count; i++)
		monitor_row_free(&table->row[i]);
	for (unsigned int i = 0; i < table->places; i++)
		free(table->place[i]);
	free(table->row);
	free(table->place);
	*table = (struct monitor_table){ 0 };
}

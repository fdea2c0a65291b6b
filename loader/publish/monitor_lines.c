// SPDX-License-Identifier: GPL-2.0-only
/*
 * A line for each interval, and below it one for each reason that had frames in it.
 */
#include "publish/monitor_lines.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "common/report.h"
#include "common/text.h"

/* Maximum number of reasons for one interval: a program may compute reasons from frames. */
#define MOST_ROWS 40
#define NAME_WIDTH 24

static int monitor_compare_rates(const void *left, const void *right)
{
	const struct monitor_row *a = *(const struct monitor_row *const *)left;
	const struct monitor_row *b = *(const struct monitor_row *const *)right;

	if (a->frame_rate != b->frame_rate)
		return a->frame_rate > b->frame_rate ? -1 : 1;
	return a < b ? -1 : a > b;
}

static void monitor_print_counts(const struct monitor_row *row)
{
	printf("%.0f frames/s, %s/s, %" PRIu64 " frame%s (%s)", row->frame_rate,
	       report_bytes(row->byte_rate).text, (uint64_t)row->frames,
	       row->frames == 1 ? "" : "s", report_bytes(row->bytes).text);
}

/* "  BLOCKLIST        eth0 fw xdpdrop_hook: 12 frames/s, 1.2 kB/s, 24 frames (2.4 kB)" */
static void monitor_print_row(const struct monitor_row *row)
{
	char name[128], place[160];

	snprintf(name, sizeof(name), "%s", row->others ? "other reasons" : row->reason);
	snprintf(place, sizeof(place), "%s %s %s", row->interface, row->program, row->hook);
	printf("  %-*s %s: ", NAME_WIDTH, text_clean(name), text_clean(place));
	monitor_print_counts(row);
	putchar('\n');
}

static void monitor_print_rows(const struct monitor_table *table, const struct monitor_row **sorted)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < table->count; i++)
		if (table->row[i].frame_rate > 0)
			sorted[count++] = &table->row[i];
	qsort(sorted, count, sizeof(*sorted), monitor_compare_rates);
	for (unsigned int i = 0; i < count && i < MOST_ROWS; i++)
		monitor_print_row(sorted[i]);
	if (count > MOST_ROWS)
		printf("  %u more reasons\n", count - MOST_ROWS);
}

static void monitor_print_time(void)
{
	time_t now = time(NULL);
	struct tm local;
	char text[32] = "";

	if (localtime_r(&now, &local))
		strftime(text, sizeof(text), "%F %T", &local);
	printf("%s ", text);
}

static int monitor_lines_begin(void *data, const struct monitor_table *table)
{
	(void)data, (void)table;
	/* the time zone's file, while it can be opened */
	tzset();
	return 0;
}

static int monitor_lines_update(void *data, const struct monitor_table *table)
{
	const struct monitor_row **sorted = malloc((table->count + 1) * sizeof(*sorted));

	(void)data;
	if (!sorted)
		return -ENOMEM;
	monitor_print_time();
	monitor_print_counts(&table->total);
	if (table->stats.lost)
		printf(", %" PRIu64 " lost", (uint64_t)table->stats.lost);
	putchar('\n');
	monitor_print_rows(table, sorted);
	free(sorted);
	return fflush(stdout) ? -errno : 0;
}

static int monitor_show_nothing(void *data, const struct monitor_table *table)
{
	(void)data, (void)table;
	return 0;
}

void monitor_lines_view(struct monitor_view *view)
{
	*view = (struct monitor_view){ .fd = -1,
				       .begin = monitor_lines_begin,
				       .update = monitor_lines_update,
				       .end = monitor_show_nothing };
}

void monitor_silent_view(struct monitor_view *view)
{
	*view = (struct monitor_view){ .fd = -1,
				       .begin = monitor_show_nothing,
				       .update = monitor_show_nothing,
				       .end = monitor_show_nothing };
}

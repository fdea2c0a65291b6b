// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counts are in frames: samples, each times its sampling interval.
 */
#include "screen/screen_talkers.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "screen/screen_paint.h"

#define GAP 2

/* "1234 ±12"; without an error, the count alone. */
static void screen_format_count(char *text, size_t size, const struct top_entry *entry, bool utf8)
{
	size_t used = snprintf(text, size, "%s", screen_text_total(entry->count, 9).text);

	if (entry->error)
		snprintf(text + used, size - used, " %s%s", utf8 ? "±" : "+-",
			 screen_text_total(entry->error, 7).text);
}

static void screen_draw_talker(struct screen_pen *pen, const struct top_entry *entry,
			       unsigned int width)
{
	char count[64];
	unsigned int columns;

	screen_format_count(count, sizeof(count), entry, pen->utf8);
	columns = screen_text_width(count, pen->utf8);
	if (columns + 8 > width)
		columns = width - 8;
	pen->look = SCREEN_PLAIN;
	screen_paint(pen, talkers_name(entry).text, width - columns - 1);
	screen_paint(pen, "", 1);
	screen_paint(pen, count, columns);
}

static void screen_draw_list(const struct screen_top *top, const struct screen_talkers *at,
			     const char *name, int column, unsigned int width)
{
	struct screen_pen pen = { at->line + 1, column, at->utf8, SCREEN_HEADING };

	screen_paint(&pen, name, width);
	for (unsigned int i = 0; i < top->count && at->line + 2 + (int)i < at->end; i++) {
		pen.line = at->line + 2 + i;
		pen.column = column;
		screen_draw_talker(&pen, &top->entry[i], width);
	}
}

/* A line with what the samples are. */
static void screen_draw_rule(const struct screen_model *model, const struct screen_talkers *at)
{
	struct screen_pen pen = { at->line, 0, at->utf8, SCREEN_DIM };
	__u32 interval = model->stats.sample ? model->stats.sample : 1;
	char text[128];

	if (interval > 1)
		snprintf(text, sizeof(text), " 1 in %u frames sampled, %" PRIu64 " so far ",
			 interval, (uint64_t)model->talkers->frames);
	else
		snprintf(text, sizeof(text), " all frames sampled, %" PRIu64 " so far ",
			 (uint64_t)model->talkers->frames);
	for (int i = 0; i < at->columns; i++)
		screen_paint(&pen, at->utf8 ? "─" : "-", 1);
	pen.column = 2;
	screen_paint_words(&pen, at->columns, "%s", text);
}

void screen_talkers_draw(const struct screen_model *model, const struct screen_talkers *at)
{
	int width = (at->columns - 2 - 2 * GAP) / 3;

	if (!model->talkers || at->line + 3 > at->end)
		return;
	screen_draw_rule(model, at);
	screen_draw_list(&model->top[TALKERS_SOURCES], at, "TOP SOURCES", 1, width);
	screen_draw_list(&model->top[TALKERS_DESTINATIONS], at, "TOP DESTINATIONS", 1 + width + GAP,
			 width);
	screen_draw_list(&model->top[TALKERS_PORTS], at, "TOP PORTS", 1 + 2 * (width + GAP), width);
}

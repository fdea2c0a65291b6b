// SPDX-License-Identifier: GPL-2.0-only
/*
 * From top to bottom: a title, totals, the table or one of its rows, top talkers, a message, keys.
 * ncurses sends only what has changed, so nothing flickers.
 */
#include "screen/screen_draw.h"

#include <curses.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "screen/screen_paint.h"
#include "screen/screen_talkers.h"

#define LEAST_LINES 12
#define LEAST_COLUMNS 60
#define SECOND_NS 1000000000ULL

enum screen_column {
	COLUMN_REASON,
	COLUMN_PROGRAM,
	COLUMN_INTERFACE,
	COLUMN_FRAME_RATE,
	COLUMN_BYTE_RATE,
	COLUMN_SHARE,
	COLUMN_FRAMES,
	COLUMN_RECENT,
	COLUMNS_OF_TABLE
};

struct screen_frame {
	struct screen_model *model;
	const struct screen_style *style;
	int lines, columns;
	int width[COLUMNS_OF_TABLE]; /* 0: not shown */
};

static struct screen_pen screen_pen(const struct screen_frame *frame, int line, int column,
				    enum screen_look look)
{
	return (struct screen_pen){
		.line = line, .column = column, .utf8 = frame->style->utf8, .look = look
	};
}

static const char *screen_dot(const struct screen_frame *frame)
{
	return frame->style->utf8 ? "·" : "-";
}

static void screen_draw_title(const struct screen_frame *frame)
{
	const struct screen_model *model = frame->model;
	struct screen_pen pen = screen_pen(frame, 0, 0, SCREEN_TITLE);
	char right[64];
	int width;

	width = snprintf(right, sizeof(right), "up %s ",
			 screen_text_duration(model->uptime_ns / SECOND_NS).text);
	screen_paint(&pen, " xdpdrop-monitor ", 17);
	screen_paint(&pen, frame->style->ifname, frame->columns - 17 - width - 9);
	pen.look = model->paused ? SCREEN_SELECTED : SCREEN_TITLE;
	screen_paint(&pen, model->paused ? " PAUSED" : "", 8);
	pen.look = SCREEN_TITLE;
	screen_paint(&pen, "", 1);
	screen_paint(&pen, right, width);
}

static void screen_draw_totals(const struct screen_frame *frame)
{
	const struct screen_model *model = frame->model;
	const struct monitor_row *total = &model->total;
	struct screen_pen pen = screen_pen(frame, 1, 1, SCREEN_STRONG);
	int end = frame->columns, spark = frame->columns >= 140 ? MONITOR_RECENT :
					  frame->columns >= 100 ? 30 :
								  0;

	screen_paint_words(&pen, end, "%s frames/s   %s/s",
			   screen_text_count(total->frame_rate).text,
			   screen_text_bytes(total->byte_rate).text);
	pen.look = SCREEN_PLAIN;
	screen_paint_words(&pen, end, "   total %s frames, %s   ",
			   screen_text_total(total->frames, 12).text,
			   screen_text_bytes(total->bytes).text);
	pen.look = model->stats.lost ? SCREEN_ALARM : SCREEN_DIM;
	screen_paint_words(&pen, end, "%s lost", screen_text_total(model->stats.lost, 9).text);
	if (!spark || pen.column + spark + 2 > end)
		return;
	pen = screen_pen(frame, 1, end - spark - 1, SCREEN_GRAPH);
	screen_paint_raw(
		&pen,
		screen_text_spark(total->recent, MONITOR_RECENT, spark, frame->style->utf8).text,
		spark);
}

static const char *const screen_orders[SCREEN_SORTS] = {
	[SCREEN_BY_FRAME_RATE] = "frames/s", [SCREEN_BY_BYTE_RATE] = "bytes/s",
	[SCREEN_BY_FRAMES] = "total",	     [SCREEN_BY_REASON] = "reason",
	[SCREEN_BY_PROGRAM] = "program",
};

/* At the right of line 2, if there is room behind column @used. */
static void screen_draw_lease(const struct screen_frame *frame, int used)
{
	const struct xdpdrop_stats *stats = &frame->model->stats;
	struct screen_pen pen = screen_pen(frame, 2, 0, SCREEN_DIM);
	char text[64] = "no lease: frames are counted as lost";

	if (stats->lease_ms)
		snprintf(text, sizeof(text), "%.2f%% of a CPU   lease %.1f s",
			 stats->overhead / 1e3, stats->lease_ms / 1e3);
	else
		pen.look = SCREEN_ALARM;
	pen.column = frame->columns - (int)strlen(text) - 1;
	if (pen.column > used)
		screen_paint_words(&pen, frame->columns, "%s", text);
}

static void screen_draw_order(const struct screen_frame *frame)
{
	const struct screen_model *model = frame->model;
	struct screen_pen pen = screen_pen(frame, 2, 1, SCREEN_DIM);

	if (model->filter[0] || model->typing) {
		pen.look = SCREEN_NOTICE;
		screen_paint_words(&pen, frame->columns, "filter: %s%s", model->filter,
				   model->typing ? "_" : "");
		pen.look = SCREEN_DIM;
		screen_paint_words(&pen, frame->columns, "   %u of %u rows", model->shown_count,
				   model->count);
	} else {
		screen_paint_words(&pen, frame->columns, "%u row%s", model->count,
				   model->count == 1 ? "" : "s");
	}
	screen_paint_words(&pen, frame->columns, ", by %s", screen_orders[model->sort]);
	screen_draw_lease(frame, pen.column);
}

/* Are there rows of several interfaces? */
static bool screen_has_interfaces(const struct screen_model *model)
{
	for (unsigned int i = 1; i < model->count; i++)
		if (strcmp(model->row[i].interface, model->row[0].interface) != 0)
			return true;
	return false;
}

/* The sparkline gets what names leave; then names get what it leaves. */
static void screen_share_columns(struct screen_frame *frame)
{
	static const int sparks[] = { MONITOR_RECENT, 30, 20, 15, 10, 0 };
	int *width = frame->width, fixed = 1, names;
	size_t i = 0;

	width[COLUMN_FRAME_RATE] = 9;
	width[COLUMN_BYTE_RATE] = 8;
	width[COLUMN_SHARE] = 6;
	width[COLUMN_FRAMES] = 8;
	width[COLUMN_INTERFACE] = screen_has_interfaces(frame->model) ? 7 : 0;
	for (int column = COLUMN_INTERFACE; column <= COLUMN_FRAMES; column++)
		fixed += width[column] ? width[column] + 1 : 0;
	names = frame->columns - fixed;
	while (sparks[i] && names - sparks[i] - 1 < 24)
		i++;
	width[COLUMN_RECENT] = sparks[i];
	names -= sparks[i] ? sparks[i] + 1 : 0;
	width[COLUMN_PROGRAM] = names * 2 / 5 - 1;
	width[COLUMN_REASON] = names - width[COLUMN_PROGRAM] - 2;
}

/* Of the column by which rows are ordered, with a mark. */
static void screen_paint_heading(const struct screen_frame *frame, struct screen_pen *pen,
				 const char *name, enum screen_column column, enum screen_sort sort)
{
	bool right = column > COLUMN_INTERFACE && column < COLUMN_RECENT;
	const char *mark = frame->style->utf8 ? "▼" : "v";
	char text[32];

	if (!frame->width[column])
		return;
	snprintf(text, sizeof(text), "%s%s", name,
		 sort == frame->model->sort && sort != SCREEN_SORTS ? mark : "");
	if (right)
		screen_paint_right(pen, text, frame->width[column]);
	else
		screen_paint(pen, text, frame->width[column]);
	screen_paint(pen, "", pen->column < frame->columns);
}

static void screen_draw_headings(const struct screen_frame *frame, int line)
{
	static const struct {
		const char *name;
		enum screen_sort sort;
	} headings[COLUMNS_OF_TABLE] = {
		[COLUMN_REASON] = { "REASON", SCREEN_BY_REASON },
		[COLUMN_PROGRAM] = { "PROGRAM", SCREEN_BY_PROGRAM },
		[COLUMN_INTERFACE] = { "IFACE", SCREEN_SORTS },
		[COLUMN_FRAME_RATE] = { "FRAMES/S", SCREEN_BY_FRAME_RATE },
		[COLUMN_BYTE_RATE] = { "BYTES/S", SCREEN_BY_BYTE_RATE },
		[COLUMN_SHARE] = { "SHARE", SCREEN_SORTS },
		[COLUMN_FRAMES] = { "TOTAL", SCREEN_BY_FRAMES },
		[COLUMN_RECENT] = { "RECENT", SCREEN_SORTS },
	};
	struct screen_pen pen = screen_pen(frame, line, 1, SCREEN_HEADING);

	for (int column = 0; column < COLUMNS_OF_TABLE; column++)
		screen_paint_heading(frame, &pen, headings[column].name, column,
				     headings[column].sort);
}

/* A column that is text, or a number at its right. */
static void screen_paint_cell(const struct screen_frame *frame, struct screen_pen *pen,
			      enum screen_column column, const char *text)
{
	if (!frame->width[column])
		return;
	if (column > COLUMN_INTERFACE)
		screen_paint_right(pen, text, frame->width[column]);
	else
		screen_paint(pen, text, frame->width[column]);
	screen_paint(pen, "", 1);
}

/* Exceptions have no reasons, and no program. */
static const char *screen_name_row(const struct monitor_row *row)
{
	return strcmp(row->tap, "exception") != 0 ? row->reason : "exceptions";
}

static void screen_draw_row(const struct screen_frame *frame, int line,
			    const struct monitor_row *row, bool selected)
{
	const struct screen_style *style = frame->style;
	const char *mark = style->is_captured && style->is_captured(style->data, row) ?
				   style->utf8 ? "●" : "*" :
				   " ";
	struct screen_pen pen = screen_pen(frame, line, 0, SCREEN_ALARM);
	int spark = frame->width[COLUMN_RECENT];

	pen.look = selected ? SCREEN_SELECTED : SCREEN_ALARM;
	screen_paint(&pen, mark, 1);
	pen.look = selected ? SCREEN_SELECTED : row->gone ? SCREEN_DIM : SCREEN_PLAIN;
	screen_paint_cell(frame, &pen, COLUMN_REASON, screen_name_row(row));
	screen_paint_cell(frame, &pen, COLUMN_PROGRAM, row->program);
	screen_paint_cell(frame, &pen, COLUMN_INTERFACE, row->interface);
	screen_paint_cell(frame, &pen, COLUMN_FRAME_RATE, screen_text_count(row->frame_rate).text);
	screen_paint_cell(frame, &pen, COLUMN_BYTE_RATE, screen_text_bytes(row->byte_rate).text);
	screen_paint_cell(frame, &pen, COLUMN_SHARE,
			  screen_text_share(row->frames, frame->model->total.frames).text);
	screen_paint_cell(frame, &pen, COLUMN_FRAMES, screen_text_total(row->frames, 8).text);
	if (!selected)
		pen.look = SCREEN_GRAPH;
	if (spark)
		screen_paint_raw(
			&pen,
			screen_text_spark(row->recent, MONITOR_RECENT, spark, style->utf8).text,
			spark);
}

/* In lines @line to @end - 1. */
static void screen_draw_table(struct screen_frame *frame, int line, int end)
{
	struct screen_model *model = frame->model;
	struct screen_pen pen = screen_pen(frame, line + 1, 1, SCREEN_DIM);

	screen_share_columns(frame);
	screen_draw_headings(frame, line++);
	screen_model_scroll(model, end - line);
	for (unsigned int i = model->first; i < model->shown_count && line < end; i++)
		screen_draw_row(frame, line++, &model->row[model->shown[i]], i == model->cursor);
	if (!model->count)
		screen_paint(&pen, "no frame has been dropped yet", frame->columns - 2);
	else if (!model->shown_count)
		screen_paint(&pen, "no row matches the filter", frame->columns - 2);
}

/* One row, with all that is known of it. Returns the line behind it. */
static int screen_draw_detail(const struct screen_frame *frame, int line)
{
	const struct monitor_row *row = &frame->model->selected;
	struct screen_pen pen = screen_pen(frame, line++, 1, SCREEN_STRONG);
	const char *dot = screen_dot(frame);
	int end = frame->columns, height = frame->lines >= 34 ? 8 : frame->lines >= 20 ? 4 : 1;
	__u32 most = 0;

	screen_paint_words(&pen, end, "%s", screen_name_row(row));
	pen.look = SCREEN_DIM;
	if (row->number)
		screen_paint_words(&pen, end, "  reason %u", row->number);
	if (row->gone)
		screen_paint_words(&pen, end, "  the program has gone");
	pen = screen_pen(frame, line++, 1, SCREEN_PLAIN);
	screen_paint_words(&pen, end, "program %s %s hook %s %s tap %s %s %s", row->program, dot,
			   row->hook, dot, row->tap, dot, row->interface);
	pen = screen_pen(frame, line++, 1, SCREEN_PLAIN);
	screen_paint_words(&pen, end, "%s frames/s %s %s/s %s %s frames, %s %s mean %s %s %s",
			   screen_text_count(row->frame_rate).text, dot,
			   screen_text_bytes(row->byte_rate).text, dot,
			   screen_text_total(row->frames, 12).text,
			   screen_text_bytes(row->bytes).text, dot,
			   screen_text_bytes(row->frames ? row->bytes / row->frames : 0).text, dot,
			   screen_text_share(row->frames, frame->model->total.frames).text);
	for (int i = 0; i < MONITOR_RECENT; i++)
		most = row->recent[i] > most ? row->recent[i] : most;
	for (int i = 0; i < height; i++) {
		pen = screen_pen(frame, line + i, 1, SCREEN_GRAPH);
		screen_paint_raw(&pen,
				 screen_text_chart(
					 row->recent, MONITOR_RECENT,
					 frame->columns > MONITOR_RECENT + 14 ? MONITOR_RECENT : 30,
					 i, height, frame->style->utf8)
					 .text,
				 frame->columns > MONITOR_RECENT + 14 ? MONITOR_RECENT : 30);
		pen.look = SCREEN_DIM;
		if (!i)
			screen_paint_words(&pen, end, " %s %s", frame->style->utf8 ? "◂" : "<",
					   screen_text_count(most).text);
	}
	return line + height;
}

static void screen_draw_help(const struct screen_frame *frame, int line)
{
	static const char *const help[][2] = {
		{ "arrows, j, k", "select a row; also PgUp, PgDn, Home, End, g, G" },
		{ "Enter", "one row: its last 60 intervals and its top talkers" },
		{ "Esc", "back; in the table, drop the filter" },
		{ "s", "order by frames/s, bytes/s, total, reason, program" },
		{ "p, Space", "pause: the screen stands still, counting goes on" },
		{ "/", "show only rows with this text in a name" },
		{ "c", "capture the frames of the row into a file; again: end it" },
		{ "?, h", "this help" },
		{ "q, Ctrl-C", "quit, with the totals" },
		{ "Ctrl-L", "draw the screen again" },
	};
	struct screen_pen pen;

	for (size_t i = 0; i < sizeof(help) / sizeof(*help) && line < frame->lines - 2; i++) {
		pen = screen_pen(frame, line++, 1, SCREEN_STRONG);
		screen_paint(&pen, help[i][0], 14);
		pen.look = SCREEN_PLAIN;
		screen_paint(&pen, help[i][1], frame->columns - 16);
	}
	if (line + 4 > frame->lines - 2)
		return;
	pen = screen_pen(frame, ++line, 1, SCREEN_DIM);
	screen_paint(&pen, "Top talkers are counted in sampled frames: 1234 ±12 is at least 1222",
		     frame->columns - 2);
	pen = screen_pen(frame, ++line, 1, SCREEN_DIM);
	screen_paint(&pen, "and at most 1234 by these samples, each times its interval.",
		     frame->columns - 2);
}

static void screen_draw_keys(const struct screen_frame *frame)
{
	static const char *const table[][2] = {
		{ "q", "quit" },  { "?", "help" },   { "Enter", "details" }, { "s", "sort" },
		{ "p", "pause" }, { "/", "filter" }, { "c", "capture" },     { NULL, NULL },
	};
	static const char *const detail[][2] = {
		{ "Esc", "back" },  { "j/k", "next row" }, { "p", "pause" },
		{ "c", "capture" }, { NULL, NULL },
	};
	static const char *const typing[][2] = { { "Enter", "keep" },
						 { "Esc", "drop the filter" },
						 { NULL, NULL } };
	const char *const(*keys)[2] = frame->model->typing  ? typing :
				      frame->model->drilled ? detail :
							      table;
	struct screen_pen pen = screen_pen(frame, frame->lines - 1, 1, SCREEN_PLAIN);

	for (; (*keys)[0]; keys++) {
		if (*(*keys)[0] == 'c' && !frame->style->captures)
			continue;
		pen.look = SCREEN_HEADING;
		screen_paint_words(&pen, frame->columns, "%s ", (*keys)[0]);
		pen.look = SCREEN_PLAIN;
		screen_paint_words(&pen, frame->columns, "%s  ", (*keys)[1]);
	}
}

/* Lines of top talkers under the table, 0: none. */
static int screen_top_lines(const struct screen_frame *frame)
{
	int lines = (frame->lines - 8) / 3;

	if (!frame->model->talkers || frame->lines < 18)
		return 0;
	return lines < 10 ? lines : 10;
}

static void screen_draw_body(struct screen_frame *frame)
{
	struct screen_model *model = frame->model;
	int end = frame->lines - 2, top = screen_top_lines(frame);
	struct screen_talkers at = { .columns = frame->columns, .utf8 = frame->style->utf8 };

	if (model->help) {
		screen_draw_help(frame, 3);
	} else if (model->drilled) {
		at.line = screen_draw_detail(frame, 3);
		at.end = end;
		screen_talkers_draw(model, &at);
	} else {
		at.line = top ? end - top - 2 : end;
		at.end = end;
		screen_draw_table(frame, 3, at.line);
		screen_talkers_draw(model, &at);
	}
}

void screen_draw(struct screen_model *model, const struct screen_style *style)
{
	struct screen_frame frame = { .model = model, .style = style };
	struct screen_pen pen = { .utf8 = style->utf8, .look = SCREEN_NOTICE };

	getmaxyx(stdscr, frame.lines, frame.columns);
	if (frame.columns > SCREEN_COLUMNS)
		frame.columns = SCREEN_COLUMNS;
	erase();
	if (frame.lines < LEAST_LINES || frame.columns < LEAST_COLUMNS) {
		screen_paint_words(&pen, frame.columns, "terminal too small");
	} else {
		screen_draw_title(&frame);
		screen_draw_totals(&frame);
		screen_draw_order(&frame);
		screen_draw_body(&frame);
		pen.line = frame.lines - 2;
		pen.column = 1;
		screen_paint_words(&pen, frame.columns, "%s", style->status);
		screen_draw_keys(&frame);
	}
	refresh();
}

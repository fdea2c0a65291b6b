// SPDX-License-Identifier: GPL-2.0-only
/*
 * Looks are attributes, and colours where the terminal has them.
 */
#include "screen/screen_paint.h"

#include <curses.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static bool screen_has_colors;

void screen_paint_open(bool colors)
{
	screen_has_colors = colors && start_color() == OK;
	if (!screen_has_colors)
		return;
	use_default_colors();
	init_pair(SCREEN_TITLE, COLOR_WHITE, COLOR_BLUE);
	init_pair(SCREEN_HEADING, COLOR_CYAN, -1);
	init_pair(SCREEN_SELECTED, COLOR_BLACK, COLOR_CYAN);
	init_pair(SCREEN_GRAPH, COLOR_GREEN, -1);
	init_pair(SCREEN_ALARM, COLOR_RED, -1);
	init_pair(SCREEN_NOTICE, COLOR_YELLOW, -1);
}

static attr_t screen_attributes(enum screen_look look)
{
	static const attr_t plain[SCREEN_LOOKS] = {
		[SCREEN_TITLE] = A_REVERSE | A_BOLD,
		[SCREEN_HEADING] = A_BOLD,
		[SCREEN_SELECTED] = A_REVERSE,
		[SCREEN_DIM] = A_DIM,
		[SCREEN_STRONG] = A_BOLD,
		[SCREEN_ALARM] = A_BOLD,
		[SCREEN_NOTICE] = A_BOLD,
	};
	static const attr_t colored[SCREEN_LOOKS] = {
		[SCREEN_TITLE] = A_BOLD,  [SCREEN_HEADING] = A_BOLD, [SCREEN_DIM] = A_DIM,
		[SCREEN_STRONG] = A_BOLD, [SCREEN_ALARM] = A_BOLD,   [SCREEN_NOTICE] = A_BOLD,
	};

	return screen_has_colors ? colored[look] : plain[look];
}

/* Looks without a colour of their own have the terminal's. */
static short screen_pair(enum screen_look look)
{
	return screen_has_colors && look != SCREEN_DIM && look != SCREEN_STRONG ? look : 0;
}

void screen_paint_raw(struct screen_pen *pen, const char *text, unsigned int columns)
{
	attr_set(screen_attributes(pen->look), screen_pair(pen->look), NULL);
	mvaddstr(pen->line, pen->column, text);
	attr_set(A_NORMAL, 0, NULL);
	pen->column += columns;
}

void screen_paint(struct screen_pen *pen, const char *text, unsigned int columns)
{
	screen_paint_raw(pen, screen_text_fit(text, columns, false, pen->utf8).text, columns);
}

void screen_paint_right(struct screen_pen *pen, const char *text, unsigned int columns)
{
	screen_paint_raw(pen, screen_text_fit(text, columns, true, pen->utf8).text, columns);
}

void screen_paint_words(struct screen_pen *pen, int end, const char *format, ...)
{
	char text[1024];
	int width, room = end - pen->column;
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	width = screen_text_width(text, pen->utf8);
	if (room > 0)
		screen_paint(pen, text, width < room ? width : room);
}

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Puts text of a known width on the screen of ncurses. All that is drawn goes through here, so that
 * names from elsewhere cannot control the terminal.
 */
#ifndef XDPDROP_SCREEN_PAINT_H
#define XDPDROP_SCREEN_PAINT_H

#include <stdbool.h>

#include "screen/screen_text.h"

enum screen_look {
	SCREEN_PLAIN,
	SCREEN_TITLE,	 /* the first line */
	SCREEN_HEADING,	 /* names of columns */
	SCREEN_SELECTED, /* the row of the cursor */
	SCREEN_DIM,	 /* what is secondary */
	SCREEN_STRONG,	 /* the numbers that matter */
	SCREEN_GRAPH,	 /* sparklines */
	SCREEN_ALARM,	 /* losses, errors */
	SCREEN_NOTICE,	 /* messages, what is not as usual */
	SCREEN_LOOKS
};

/* Define the colours of looks, if there are colours. */
void screen_paint_open(bool colors);

/* Where text is put, and what is allowed there. */
struct screen_pen {
	int line, column;
	bool utf8;
	enum screen_look look;
};

/* @text in exactly @columns, then the pen is behind it. */
void screen_paint(struct screen_pen *pen, const char *text, unsigned int columns);

/* The same, at the right end of @columns. */
void screen_paint_right(struct screen_pen *pen, const char *text, unsigned int columns);

/* Text of one's own, as it is: it takes @columns. */
void screen_paint_raw(struct screen_pen *pen, const char *text, unsigned int columns);

/* @format in as many columns as it takes, up to @end. */
__attribute__((format(printf, 3, 4))) void screen_paint_words(struct screen_pen *pen, int end,
							      const char *format, ...);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the live screen shows, and what keys change about it. A copy of the table, which stands
 * still while the screen is paused. Draws nothing.
 */
#ifndef XDPDROP_SCREEN_MODEL_H
#define XDPDROP_SCREEN_MODEL_H

#include <stdbool.h>

#include "count/monitor_table.h"
#include "count/talkers.h"

#define SCREEN_TALKERS 40 /* more would fit on no screen */
#define SCREEN_FILTER 40

enum screen_sort {
	SCREEN_BY_FRAME_RATE,
	SCREEN_BY_BYTE_RATE,
	SCREEN_BY_FRAMES,
	SCREEN_BY_REASON,
	SCREEN_BY_PROGRAM,
	SCREEN_SORTS
};

struct screen_top {
	struct top_entry entry[SCREEN_TALKERS];
	unsigned int count;
};

struct screen_model {
	struct monitor_row *row; /* a copy of all */
	unsigned int count, room;
	unsigned int *shown; /* indices of those that the filter leaves, in order */
	unsigned int shown_count;
	struct monitor_row total;
	struct xdpdrop_stats stats;
	__u64 uptime_ns;
	double span; /* seconds of the last interval */

	struct talkers *talkers; /* NULL: frames are not sampled */
	struct screen_top top[TALKERS_KINDS];

	enum screen_sort sort;
	bool paused, help, drilled;
	bool typing; /* the filter */
	char filter[SCREEN_FILTER + 1];
	struct monitor_row selected; /* as it was; no reason: the first one */
	unsigned int cursor;	     /* of the selected one in shown */
	unsigned int first;	     /* line of the table that is at its top */
	unsigned int lines;	     /* of the table, as drawn last */
};

enum screen_key {
	SCREEN_KEY_UP = 0x110000, /* beyond all characters */
	SCREEN_KEY_DOWN,
	SCREEN_KEY_PAGE_UP,
	SCREEN_KEY_PAGE_DOWN,
	SCREEN_KEY_HOME,
	SCREEN_KEY_END,
	SCREEN_KEY_ENTER,
	SCREEN_KEY_ESCAPE,
	SCREEN_KEY_BACKSPACE,
};

enum screen_action { SCREEN_NOTHING, SCREEN_QUIT, SCREEN_STOP, SCREEN_CAPTURE, SCREEN_REDRAW };

/* Take a copy of @table, unless paused. 0 or -ENOMEM, then all is as before. */
int screen_model_update(struct screen_model *model, const struct monitor_table *table);

/* @key: a character, or of enum screen_key. Returns what the caller has to do. */
enum screen_action screen_model_key(struct screen_model *model, unsigned int key);

/* The selected row, NULL: there is none. */
const struct monitor_row *screen_model_selected(const struct screen_model *model);

/* Scroll so that the selected row is in a table of @lines. */
void screen_model_scroll(struct screen_model *model, unsigned int lines);

void screen_model_free(struct screen_model *model);

#endif

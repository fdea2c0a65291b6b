/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Draws the live screen on the terminal, which ncurses has open.
 */
#ifndef XDPDROP_SCREEN_DRAW_H
#define XDPDROP_SCREEN_DRAW_H

#include "screen/screen_model.h"

/* What the terminal can do, and what to show beside the model. */
struct screen_style {
	bool utf8, colors;
	const char *ifname;
	const char *status; /* a message, "": none */
	bool captures;	    /* key c does something */
	/* Is a capture of this row running? */
	bool (*is_captured)(const void *data, const struct monitor_row *row);
	const void *data;
};

void screen_draw(struct screen_model *model, const struct screen_style *style);

#endif

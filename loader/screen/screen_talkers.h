/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Draws the top talkers: three lists beside each other.
 */
#ifndef XDPDROP_SCREEN_TALKERS_H
#define XDPDROP_SCREEN_TALKERS_H

#include "screen/screen_model.h"

/* Where: lines from line to end - 1. */
struct screen_talkers {
	int line, end, columns;
	bool utf8;
};

/* Draws nothing if there is no room, or if frames are not sampled. */
void screen_talkers_draw(const struct screen_model *model, const struct screen_talkers *at);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Whether a screen can be drawn at all.
 */
#ifndef XDPDROP_SCREEN_TERMINAL_H
#define XDPDROP_SCREEN_TERMINAL_H

#include <stdbool.h>

/* Are standard input and output a terminal on which text can be put anywhere? */
bool screen_is_possible(void);

/* What leaves the screen, and makes the cursor visible. Valid after screen_is_possible(). */
struct screen_restore {
	char text[256];
};
struct screen_restore screen_restore(void);

#endif

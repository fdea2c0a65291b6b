/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The live screen of xdpdrop-monitor, with what it needs: top talkers of samples, and the process
 * that starts captures.
 */
#ifndef XDPDROP_LOADER_MONITOR_SCREEN_H
#define XDPDROP_LOADER_MONITOR_SCREEN_H

#include "count/monitor_samples.h"
#include "count/monitor_view.h"
#include "count/talkers.h"
#include "monitor/monitor_options.h"
#include "screen/screen.h"
#include "screen/starter.h"

/* Zeroes: it is not open. */
struct monitor_screen {
	bool open;
	struct talkers talkers;
	struct starter starter;
	struct screen *screen;
	struct report *report;
};

/* Is a screen what these options ask for, and is there a terminal? */
bool monitor_screen_is_wanted(const struct monitor_options *options);

/*
 * Called before the session is armed, with all privileges. Fills @view, adds a consumer to @samples
 * and limits them in @options, unless no top talkers are wanted. 0 or -errno, reported.
 */
int monitor_screen_open(struct monitor_screen *screen, struct monitor_options *options,
			struct monitor_samples *samples, struct monitor_view *view,
			struct report *report);

/* Also of zeroes. */
void monitor_screen_close(struct monitor_screen *screen);

#endif

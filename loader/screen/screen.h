/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The live screen of a monitor: a view of its table that has the terminal, and takes its keys. The
 * terminal is as it was when the view has ended.
 */
#ifndef XDPDROP_SCREEN_H
#define XDPDROP_SCREEN_H

#include "common/report.h"
#include "count/monitor_view.h"
#include "count/talkers.h"
#include "screen/starter.h"

struct screen;

struct screen_config {
	const char *ifname;	 /* as on the command line */
	struct talkers *talkers; /* of samples, NULL: there are none */
	struct starter *starter; /* of captures, NULL: there is none */
	struct report *report;	 /* its messages go to the screen while it is on */
};

/* Fill @view. What @config has must exist until screen_free(). 0 or -ENOMEM. */
int screen_new(struct screen **screen, const struct screen_config *config,
	       struct monitor_view *view);

/* NULL is allowed. */
void screen_free(struct screen *screen);

#endif

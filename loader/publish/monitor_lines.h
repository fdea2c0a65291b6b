/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Shows the table as lines of text on standard output, for people and grep.
 */
#ifndef XDPDROP_LOADER_MONITOR_LINES_H
#define XDPDROP_LOADER_MONITOR_LINES_H

#include "count/monitor_view.h"

/* Fill @view. */
void monitor_lines_view(struct monitor_view *view);

/* Fill @view with one that shows nothing. */
void monitor_silent_view(struct monitor_view *view);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Shows the table as JSON on standard output, one object a line; xdpdrop-monitor(8) describes it.
 */
#ifndef XDPDROP_LOADER_MONITOR_JSON_H
#define XDPDROP_LOADER_MONITOR_JSON_H

#include "count/monitor_view.h"

/* Fill @view. */
void monitor_json_view(struct monitor_view *view);

#endif

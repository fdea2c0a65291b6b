/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The table of a monitor as text for Prometheus; xdpdrop-monitor(8) describes it.
 */
#ifndef XDPDROP_LOADER_METRICS_TEXT_H
#define XDPDROP_LOADER_METRICS_TEXT_H

#include <stddef.h>

#include "count/monitor_table.h"

/* Reasons that have series of their own, those that came first; the others are "other". */
#define METRICS_SERIES 1000

/* To be freed; its length goes to *@length. NULL: no memory. */
char *metrics_text(const struct monitor_table *table, size_t *length);

#endif

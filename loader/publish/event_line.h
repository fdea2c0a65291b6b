/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One event: a sampled frame as a line of JSON. doc/events.schema.json describes it.
 */
#ifndef XDPDROP_LOADER_EVENT_LINE_H
#define XDPDROP_LOADER_EVENT_LINE_H

#include <stdio.h>
#include <xdpdrop/xdpdrop.h>

/* Most bytes of a line: what a pipe takes as a whole. Longer names are cut. */
#define EVENT_LINE 4096

struct event {
	const char *host;
	const struct xdpdrop_point *point;
	const struct xdpdrop_record *record; /* has a frame */
	__u64 realtime_ns;
	const char *reason, *rule; /* names, or NULL */
};

/* Write the line, with a newline. */
void event_line(FILE *stream, const struct event *event);

#endif

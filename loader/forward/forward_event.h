/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is read from a line of events: the key of its message, and the host it comes from.
 */
#ifndef XDPDROP_FORWARD_EVENT_H
#define XDPDROP_FORWARD_EVENT_H

#include <stdbool.h>

struct forward_event {
	char key[300];	/* "PROGRAM:REASON", with "-" for what the line does not have */
	char host[256]; /* "": none */
};

/* False: @line, which is terminated, is no JSON object. */
bool forward_event_read(struct forward_event *event, const char *line);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Takes the messages of a report while a screen is on its terminal: the last one is for the screen,
 * all are printed afterwards.
 */
#ifndef XDPDROP_SCREEN_LOG_H
#define XDPDROP_SCREEN_LOG_H

#include "common/report.h"

#define SCREEN_LOG_SIZE 65536 /* the oldest messages are left out */

struct screen_log {
	struct report *report; /* NULL: closed */
	FILE *before;	       /* its stream */
	bool passes;	       /* standard error is no terminal: messages go there at once */
	char *text;	       /* up to SCREEN_LOG_SIZE bytes */
	size_t used, left_out;
	char last[256]; /* message, without the program's name */
};

/* From now on take the messages of @report. 0 or -ENOMEM. */
int screen_log_open(struct screen_log *log, struct report *report);

/* Print what was taken, and give @report its stream back. Allowed on zeroes. */
void screen_log_close(struct screen_log *log);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Commands to a running capture, as lines of text through a FIFO: "snapshot [NAME]", "ping". The
 * FIFO's permissions decide which users can send them.
 */
#ifndef XDPDROP_COMMANDS_H
#define XDPDROP_COMMANDS_H

#include "capture/progress.h"

#define COMMANDS_LINE 256

struct commands {
	int fd; /* -1: there is no FIFO */
	char line[COMMANDS_LINE];
	size_t length; /* of the line up to now */
	bool skip;     /* the rest of a line that is too long */
	char name[COMMANDS_LINE];
	bool named;	    /* a snapshot was asked for in this tick */
	bool waiting;	    /* it has to be asked for again, because there was another */
	char bytes[1024];   /* that were read */
	size_t used, count; /* of these */
};

/* Open the FIFO at @path; NULL: there is none. 0, or -errno with the reason in *@why. */
int commands_open(struct commands *commands, const char *path, const char **why);

/* Carry out what has arrived. Never waits. */
void commands_tick(struct commands *commands, struct xdpdrop *session, struct progress *progress,
		   __u64 now_ms);

void commands_close(struct commands *commands);

#endif

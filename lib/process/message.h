/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Messages between a session and its control process, which sends one per event, and the process
 * that creates its files. Both ends of a socket are the same program, forked.
 */
#ifndef XDPDROP_PROCESS_MESSAGE_H
#define XDPDROP_PROCESS_MESSAGE_H

#include "xdpdrop.h"

#define MESSAGE_TEXT 2048

enum message_kind {
	MESSAGE_LOG,	 /* index: level; text */
	MESSAGE_POINT,	 /* index: capture point, new or changed; number: speed; since; point */
	MESSAGE_REASON,	 /* of the next POINT; number: reason; text: its name */
	MESSAGE_MISSED,	 /* index: capture point; number: runs without the fexit program */
	MESSAGE_REFUSED, /* number: hooks and programs so far that could not be captured */
	MESSAGE_DEVICE,	 /* number: index of a lower interface; text: its name */
	MESSAGE_RING,	 /* index: CPU; with the descriptor of its ring */
	/* requests to the process that creates files, index: writer; and its answer to each */
	MESSAGE_NEXT_PERIOD, /* number: start of the period in s since the epoch */
	MESSAGE_NEXT_FILE,
	MESSAGE_EVENT, /* as NEXT_PERIOD, for an event; text: its name */
	MESSAGE_CHECK, /* can files be created? */
	MESSAGE_BEGUN, /* all first files have begun */
	MESSAGE_ROOM,  /* delete a file, because the disk is full */
	MESSAGE_FILE,  /* index: positive errno or 0; number: files deleted; text; descriptor */
	MESSAGE_END,   /* the last message; index: positive errno that ended the capture, or 0 */
};

struct message {
	__u32 kind, index;
	__u64 number;
	__u64 since; /* ns */
	union {
		struct xdpdrop_point point;
		char text[MESSAGE_TEXT]; /* sent up to its terminator */
	};
};

/* Copy @text to @message. Of a text that is too long the end is kept. */
void message_set_end(struct message *message, const char *text);

/* Send @message, with a copy of @fd unless it is -1. Waits for room. 0 or -errno. */
int message_send(int socket, const struct message *message, int fd);

/*
 * Receive one message without waiting. *@fd is owned by the caller; -1: none. Errors: -EAGAIN:
 * there is no message; -ENODATA: the other end is closed; recvmsg()'s.
 */
int message_receive(int socket, struct message *message, int *fd);

#endif

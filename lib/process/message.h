/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * What a session's control process tells it: one message per event, over a socket that keeps
 * messages apart. Both ends are the same program, forked.
 */
#ifndef XDPDROP_PROCESS_MESSAGE_H
#define XDPDROP_PROCESS_MESSAGE_H

#include "xdpdrop.h"

#define MESSAGE_TEXT 2048

enum message_kind {
	MESSAGE_LOG,	 /* index: level; text */
	MESSAGE_POINT,	 /* index: capture point, new or changed; number: speed; since; point */
	MESSAGE_REASON,	 /* index: capture point; number: reason; text: its name */
	MESSAGE_MISSED,	 /* index: capture point; number: runs that the tap was not called for */
	MESSAGE_REFUSED, /* number: hooks and programs that could not be captured, so far */
	MESSAGE_DEVICE,	 /* number: index of a lower interface; text: its name */
	MESSAGE_RING,	 /* index: CPU; with the descriptor of its ring */
	MESSAGE_END, /* index: what ended the capture, as a positive errno, or 0; the last one */
};

struct message {
	__u32 kind, index;
	__u64 number;
	__u64 since; /* ns */
	union {
		struct xdpdrop_point point;
		char text[MESSAGE_TEXT]; /* sent up to its end; longer ones are cut */
	};
};

/* Send @message, with a copy of @fd unless that is -1. Waits for room. 0 or -errno. */
int message_send(int socket, const struct message *message, int fd);

/*
 * Receive one, without waiting. *@fd is the caller's, -1: none came.
 * Errors: -EAGAIN none is there, -ENODATA the other end is closed, recvmsg()'s.
 */
int message_receive(int socket, struct message *message, int *fd);

#endif

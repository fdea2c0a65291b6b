/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * What a session's deputy tells it: one message per event, over a socket that keeps messages
 * apart. Both ends are the same program, forked.
 */
#ifndef XDPDROP_NOTICE_H
#define XDPDROP_NOTICE_H

#include "xdpdrop.h"

#define NOTICE_TEXT 2048

enum notice_kind {
	NOTICE_LOG,    /* index: level; text */
	NOTICE_SITE,   /* index: site, which is new or has changed; site */
	NOTICE_REASON, /* index: site; number: reason; text: its name */
	NOTICE_MISSED, /* index: site; number: runs in all that the tap was not called for */
	NOTICE_RING,   /* index: CPU; with the descriptor of its ring */
	NOTICE_END,    /* index: what ended the capture, as a positive errno, or 0; the last one */
};

struct notice {
	__u32 kind, index;
	__u64 number;
	union {
		struct xdpdrop_site site;
		char text[NOTICE_TEXT]; /* sent up to its end; longer ones are cut */
	};
};

/* Send @notice, with a copy of @fd unless that is -1. Waits for room. 0 or -errno. */
int notice_send(int socket, const struct notice *notice, int fd);

/*
 * Receive one, without waiting. *@fd is the caller's, -1: none came.
 * Errors: -EAGAIN none is there, -ENODATA the other end is closed, recvmsg()'s.
 */
int notice_receive(int socket, struct notice *notice, int *fd);

#endif

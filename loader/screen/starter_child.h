/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The process that starts captures, and the messages between it and its parent.
 */
#ifndef XDPDROP_STARTER_CHILD_H
#define XDPDROP_STARTER_CHILD_H

#include "screen/starter.h"

enum starter_command { STARTER_BEGIN, STARTER_END, STARTER_END_ALL };

/* To the child. */
struct starter_order {
	__u32 command; /* enum starter_command */
	__u32 id;      /* of the capture, chosen by the parent, not 0 */
	struct starter_request request;
};

/* To the parent. */
struct starter_event {
	__u32 id;
	bool ended, failed;
	char text[256]; /* a message, with bytes from elsewhere */
};

/* Read orders from @fd until it ends; then end all captures, and exit. */
__attribute__((noreturn)) void starter_child_run(int fd, const struct starter_config *config);

#endif

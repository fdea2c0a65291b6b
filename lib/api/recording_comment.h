/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * The text about a file of the flight recorder in its section header.
 */
#ifndef XDPDROP_API_RECORDING_COMMENT_H
#define XDPDROP_API_RECORDING_COMMENT_H

#include <linux/types.h>

struct xdpdrop;
struct counted;

/* As much as a text of a pcapng file may have. */
#define RECORDING_COMMENT 4096

/*
 * Write to @text: the event, @realtime when it was, @oldest, the time of the oldest frame (0: there
 * is none), and for each reason how many frames there were since @start, up to @now, and how many
 * of them are kept. Times are in ns since the epoch.
 */
void recording_comment(const struct xdpdrop *session, const struct counted *now, __u64 realtime,
		       __u64 oldest, char *text);

#endif

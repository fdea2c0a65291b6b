/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Words for what a program did with a frame.
 */
#ifndef XDPDROP_REPLAY_VERDICT_H
#define XDPDROP_REPLAY_VERDICT_H

#include <xdpdrop/replay.h>

#include "options/verdict.h"

/* As the kernel takes @action: numbers that are no action mean aborted. */
static inline __u32 replay_verdict(__u32 action)
{
	return action < VERDICTS ? action : 0;
}

/* "PASS", "DROP BLOCKLIST", "DROP 7". */
struct replay_words {
	char text[160];
};
struct replay_words replay_verdict_words(const struct xdpdrop_replay_result *result);

#endif

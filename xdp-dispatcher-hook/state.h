/* SPDX-License-Identifier: GPL-2.0-only OR LGPL-2.1-only */
/*
 * What each CPU keeps for itself to leave frames out, and to tell how many. Written by the kernel
 * programs, mapped and read by the library.
 */
#ifndef XDPDROP_STATE_H
#define XDPDROP_STATE_H

#include "tally.h"

struct xdpdrop_state {
	struct xdpdrop_tally left_out; /* by reason; frames without a reason are not in it */
	__u64 bucket;		       /* state of the rate limit */
	__u32 sample;		       /* one in this many frames, when skip was drawn */
	__u32 skip;		       /* frames up to and with the next one to capture */
	__u64 frames;		       /* that were met while run times were measured */
	__u64 timed;		       /* of these, those that were timed */
	__u64 timed_ns;		       /* that these took */
	__u64 reserved;
} __attribute__((aligned(64)));

_Static_assert(sizeof(struct xdpdrop_state) % 64 == 0, "CPUs share no cache line");

#endif

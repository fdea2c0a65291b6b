/* SPDX-License-Identifier: GPL-2.0-only OR LGPL-2.1-only */
/*
 * What each CPU keeps for itself to leave frames out, and to tell how many. Written by the kernel
 * programs, mapped and read by the library.
 */
#ifndef XDPDROP_STATE_H
#define XDPDROP_STATE_H

#include "tally.h"

/* A jiffy in units of the rate limits' clock: fine enough for ten million frames a second. */
#define XDPDROP_JIFFY_PARTS (1ULL << 24)

/* One of so many frames is timed; odd, so that it is not always the first one of a batch. */
#define XDPDROP_TIMED_PART 61

struct xdpdrop_state {
	struct xdpdrop_tally left_out; /* by reason; frames without a reason are not in it */
	__u64 bucket;		       /* state of the rate limit */
	__u32 sample;		       /* one in this many frames, when skip was drawn */
	__u32 skip;		       /* frames up to and with the next one to capture */
	__u64 untimed;		       /* frames before the next one that is timed */
	__u64 started;		       /* ns, when the one that is being timed began; 0: none is */
	__u64 clock_ns;		       /* that reading the clock took just then */
	__u64 timed_ns;		       /* that all the timed frames have taken */
} __attribute__((aligned(64)));

_Static_assert(sizeof(struct xdpdrop_state) % 64 == 0, "CPUs share no cache line");

#endif

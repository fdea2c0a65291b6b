/* SPDX-License-Identifier: GPL-2.0-only OR LGPL-2.1-only */
/*
 * What each CPU keeps for itself: about its ring, and about frames that are left out. Written by
 * the kernel programs, mapped and read by the library.
 */
#ifndef XDPDROP_STATE_H
#define XDPDROP_STATE_H

#include "tally.h"

/* A jiffy in units of the rate limits' clock: fine enough for ten million frames a second. */
#define XDPDROP_JIFFY_PARTS (1ULL << 24)

/* One of so many frames is timed; odd, so that it is not always the first one of a batch. */
#define XDPDROP_TIMED_PART 61

/* A frame that took more than so many times as long as usual has been interrupted. */
#define XDPDROP_FAR 32

struct xdpdrop_state {
	struct xdpdrop_tally left_out; /* by reason; frames without a reason are not in it */
	__u64 unsignalled; /* bytes in this CPU's ring since its reader was last woken */
	__u64 bucket;	   /* state of the rate limit */
	__u32 sample;	   /* one in this many frames, when skip was drawn */
	__u32 skip;	   /* frames up to and with the next one to capture */
	__u64 untimed;	   /* frames before the next one that is timed */
	__u64 started;	   /* ns, when the one that is being timed began; 0: none is */
	__u64 clock_ns;	   /* that reading the clock took just then */
	__u64 timed_ns;	   /* that all the timed frames have taken */
	/*
	 * Interface of the frame that a hook has shown, until the exit of its program has seen it;
	 * and that a tag member has shown, until the last word on it. 0: none.
	 */
	__u32 shown, shown_tagged;
	__u64 far_ns[2]; /* XDPDROP_FAR times what the last ones took on average: */
			 /* of those that were left out, and were captured */
} __attribute__((aligned(64)));

/*
 * Count a timed frame, which stands for XDPDROP_TIMED_PART of them. Outliers (interrupts, steal
 * time) happen once, and so are clamped. The first frame of a CPU, with cold caches, only sets what
 * is usual; a lasting change becomes usual after a few frames.
 */
static inline void xdpdrop_count_time(struct xdpdrop_state *state, __u64 *far_ns, __u64 took)
{
	if (!*far_ns) {
		*far_ns = took * XDPDROP_FAR;
		return;
	}
	if (took > *far_ns)
		took = *far_ns;
	state->timed_ns += took;
	*far_ns += took - *far_ns / XDPDROP_FAR;
}

_Static_assert(sizeof(struct xdpdrop_state) % 64 == 0, "CPUs share no cache line");

#endif

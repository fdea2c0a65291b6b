/* SPDX-License-Identifier: GPL-2.0-only OR LGPL-2.1-only */
/*
 * State of each CPU: its counters, and that of its ring and of skipped frames. In one map, because
 * a program takes 2 ns to find the value of a CPU. Written by the kernel programs, mapped and
 * read by the library.
 */
#ifndef XDPDROP_STATE_H
#define XDPDROP_STATE_H

#include "tally.h"

/* Units of the rate limits' clock per jiffy: fine enough for ten million frames a second. */
#define XDPDROP_JIFFY_PARTS (1ULL << 24)

/* One of this many frames is timed; odd, so that it is not always the first of a batch. */
#define XDPDROP_TIMED_PART 61

/* A frame that took this many times as long as usual was interrupted. */
#define XDPDROP_FAR 32

/* What a hook or an exit reported of the last frame of this CPU. Only in a replay. */
struct xdpdrop_note {
	__u64 count; /* of notes so far */
	__u64 rule;
	__u32 point, action, reason, reserved;
};

struct xdpdrop_state {
	struct xdpdrop_counters counters[XDPDROP_MAX_POINTS]; /* by capture point */
	struct xdpdrop_tally
		left_out;  /* skipped frames by reason; frames without a reason are not counted */
	__u64 unsignalled; /* bytes in this CPU's ring since its reader was last woken */
	__u64 bucket;	   /* state of the rate limit */
	__u32 sample;	   /* sampling interval when skip was drawn */
	__u32 skip;	   /* number of frames up to the next one to capture, inclusive */
	__u64 untimed;	   /* number of frames before the next timed one */
	__u64 started;	   /* start of the frame being timed, ns; 0: none */
	__u64 clock_ns;	   /* ns taken by reading the clock */
	__u64 timed_ns;	   /* sum of ns over all timed frames */
	/*
	 * shown: interface of the frame that a hook has recorded, until the exit of its program.
	 * shown_tagged: of the frame that a tag member has recorded, until the final verdict. 0:
	 * none.
	 */
	__u32 shown, shown_tagged;
	__u64 far_ns[2]; /* XDPDROP_FAR times the recent average of */
			 /* skipped and of captured frames */
	struct xdpdrop_note note;
	/* with `matching`: bytes of frames that the filter rejected, by capture point */
	__u64 filtered_bytes[XDPDROP_MAX_POINTS];
} __attribute__((aligned(64)));

/*
 * Count a timed frame, which represents XDPDROP_TIMED_PART frames. Outliers (interrupts, steal
 * time) occur once, so they are clamped. The first frame of a CPU, with cold caches, only sets the
 * average. A lasting change becomes the average after a few frames.
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

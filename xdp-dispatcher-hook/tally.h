/* SPDX-License-Identifier: GPL-2.0-only OR LGPL-2.1-only */
/*
 * Counts frames by capture point and reason. The kernel programs count skipped frames, and the
 * library counts frames that it reads, in the same kind of table. The sum is all frames, and a
 * captured frame costs no kernel time here.
 */
#ifndef XDPDROP_TALLY_H
#define XDPDROP_TALLY_H

#include <linux/types.h>

#include "control.h"

/* Number of slots of a table, and number of slots that are searched for a reason. */
#define XDPDROP_TALLY_BITS 9
#define XDPDROP_TALLY_SLOTS (1 << XDPDROP_TALLY_BITS)
#define XDPDROP_TALLY_PROBES 8

struct xdpdrop_tally_slot {
	__u64 key; /* xdpdrop_tally_key(); 0: free */
	__u64 frames;
	__u64 bytes;  /* original bytes of these frames */
	__u64 bucket; /* kernel: state of this reason's rate limit */
};

struct xdpdrop_tally {
	struct xdpdrop_tally_slot slot[XDPDROP_TALLY_SLOTS];
	/* by capture point: all reasons without a slot */
	struct xdpdrop_tally_slot others[XDPDROP_MAX_POINTS];
};

static inline __attribute__((always_inline)) __u64 xdpdrop_tally_key(__u32 point, __u64 reason)
{
	return ((__u64)point + 1) << 32 | reason;
}

/*
 * Find or allocate the slot of @reason at capture point @point. Never NULL. Used by one CPU or
 * thread at a time.
 */
static inline __attribute__((always_inline)) struct xdpdrop_tally_slot *
xdpdrop_tally_find(struct xdpdrop_tally *tally, __u32 point, __u64 reason)
{
	__u64 key = xdpdrop_tally_key(point, reason);
	__u64 start = key * 0x9e3779b97f4a7c15ULL >> (64 - XDPDROP_TALLY_BITS);
	struct xdpdrop_tally_slot *first = &tally->slot[start];

	/* nearly always */
	if (first->key == key)
		return first;
#ifdef __bpf__
#pragma clang loop unroll(disable)
#endif
	for (__u64 probe = 0; probe < XDPDROP_TALLY_PROBES; probe++) {
		struct xdpdrop_tally_slot *slot =
			&tally->slot[(start + probe) & (XDPDROP_TALLY_SLOTS - 1)];

		if (!slot->key)
			slot->key = key;
		if (slot->key == key)
			return slot;
	}
	return &tally->others[point & (XDPDROP_MAX_POINTS - 1)];
}

#endif

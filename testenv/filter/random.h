/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Numbers that are the same for the same seed on every machine (xorshift64*).
 */
#ifndef XDPDROP_TESTENV_RANDOM_H
#define XDPDROP_TESTENV_RANDOM_H

#include <linux/types.h>

struct random {
	__u64 state;
};

static inline struct random random_seed(__u64 seed)
{
	return (struct random){ (seed + 1) * 0x9e3779b97f4a7c15ULL | 1 };
}

static inline __u32 random_next(struct random *random)
{
	random->state ^= random->state >> 12;
	random->state ^= random->state << 25;
	random->state ^= random->state >> 27;
	return random->state * 0x2545f4914f6cdd1dULL >> 32;
}

/* 0..@limit - 1 */
static inline __u32 random_below(struct random *random, __u32 limit)
{
	return (__u64)random_next(random) * limit >> 32;
}

#endif

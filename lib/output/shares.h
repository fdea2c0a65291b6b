/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * How much of a memory each of many keys holds, in segments, and which key holds the most. Every
 * function takes constant time. Neither the memory nor the meaning of keys is known here.
 */
#ifndef XDPDROP_OUTPUT_SHARES_H
#define XDPDROP_OUTPUT_SHARES_H

#include <linux/types.h>

#define SHARES_NONE (~0U)
/* Shares whose sizes differ by less than a quarter are in one class. */
#define SHARES_CLASSES 128
/* No key is this. */
#define SHARES_NO_KEY (~0ULL)

struct share {
	__u64 key;
	__u32 next; /* in its chain, or of the free ones */
	__u32 segments;
	__u32 before, after;	/* neighbours in the list of its class */
	__u32 oldest, youngest; /* of its segments; the caller's */
};

struct shares {
	struct share *share;
	__u32 *chain; /* first share of each chain of keys */
	__u32 chains; /* a power of two */
	__u32 count, free;
	__u32 found; /* last; mostly it is the next one, too */
	__u32 first[SHARES_CLASSES], last[SHARES_CLASSES];
	__u64 used[SHARES_CLASSES / 64]; /* bit n: class n has a share */
};

/* Bytes that a table for a memory of @segments takes. */
__u64 shares_bytes(__u64 segments);

/* For a memory of @segments, at least 1, and each may be of another key. Errors: -ENOMEM. */
int shares_init(struct shares *shares, __u32 segments);
void shares_free(struct shares *shares);

/* The share of @key, which is added if it is missing. */
__u32 shares_find(struct shares *shares, __u64 key);

/* The share of @key. SHARES_NONE: it has none. */
__u32 shares_look(const struct shares *shares, __u64 key);

/* @share has @segments more, which may be negative. */
void shares_change(struct shares *shares, __u32 share, __s32 segments);

/* Give the place of @share to another key if it holds nothing. */
void shares_release(struct shares *shares, __u32 share);

/* A share than which none holds more by a quarter. SHARES_NONE: all are empty. */
__u32 shares_largest(const struct shares *shares);

#endif

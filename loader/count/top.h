/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Heavy hitters: the keys with the greatest weights of a stream, in memory of a fixed size, by the
 * space-saving algorithm (Metwally, Agrawal, El Abbadi: "Efficient Computation of Frequent and
 * Top-k Elements in Data Streams", 2005).
 */
#ifndef XDPDROP_TOP_H
#define XDPDROP_TOP_H

#include <linux/types.h>
#include <stddef.h>

#define TOP_KEY_SIZE 40

/* The weight of the key is at least count - error, and at most count. */
struct top_entry {
	__u64 count, error;
	__u8 size; /* of the key, in bytes */
	__u8 key[TOP_KEY_SIZE];
};

struct top_node; /* an entry, and where it is */

struct top {
	__u64 total; /* of all weights */
	unsigned int capacity, count;
	/* private */
	struct top_node *node;
	__u32 *heap;   /* numbers of nodes; no node has a smaller count than its parent */
	__u32 *bucket; /* numbers of nodes plus 1, by hash */
	__u64 seed;
};

/*
 * Get memory for @capacity keys, at least 1. Each key whose weight is greater than total / capacity
 * will be among them, and no error is greater than that. 0 or -ENOMEM.
 */
int top_open(struct top *top, unsigned int capacity);

/* Add @weight to the key of @size bytes, at most TOP_KEY_SIZE. */
void top_add(struct top *top, const void *key, size_t size, __u64 weight);

/* Copy the @most keys with the greatest counts, in that order. Returns how many there are. */
unsigned int top_list(const struct top *top, struct top_entry *entry, unsigned int most);

/* Begin again without any key. */
void top_clear(struct top *top);

/* Free the memory. Allowed after a failed top_open(), and on zeroes. */
void top_close(struct top *top);

#endif

/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * A memory in segments of one size, which are taken and given back in any order. Who has one is
 * not known here.
 */
#ifndef XDPDROP_OUTPUT_SEGMENTS_H
#define XDPDROP_OUTPUT_SEGMENTS_H

#include <linux/types.h>
#include <stddef.h>

#define SEGMENTS_NONE (~0U)

/* What is noted about a segment. */
struct segment {
	__u32 next;   /* of the same owner; of a free segment: the next free one */
	__u32 oldest; /* offset of the oldest frame that begins in it */
	__u32 end;    /* offset of what is free in it */
	__u32 frames; /* that begin in it */
};

struct segments {
	char *memory;
	unsigned int shift; /* a segment has 1 << shift bytes */
	struct segment *segment;
	__u32 count;
	__u32 fresh;  /* segments from here on were never used */
	__u32 vacant; /* first of the other free ones */
	__u32 free;   /* number of free ones */
};

/* @segments is zeroed. @count: at least 1. Errors: -ENOMEM. */
int segments_init(struct segments *segments, __u32 count, unsigned int shift);
void segments_free(struct segments *segments);

/* Take a segment, which is free, and has no next one and no frames. */
__u32 segments_take(struct segments *segments);
void segments_give(struct segments *segments, __u32 index);

static inline size_t segments_size(const struct segments *segments)
{
	return (size_t)1 << segments->shift;
}

/* The bytes of a segment. */
static inline char *segments_memory(const struct segments *segments, const struct segment *segment)
{
	return segments->memory + ((size_t)(segment - segments->segment) << segments->shift);
}

#endif

// SPDX-License-Identifier: LGPL-2.1-only
/*
 * What is noted is beside the memory, so that a segment is given back without a look at its cold
 * bytes. The last one that was given back is the first to be taken.
 */
#include "output/segments.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define HUGE_PAGE (2 * 1024 * 1024)

/* Of huge pages: segments are used in any order. */
static char *segments_allocate(size_t bytes)
{
	void *memory;

	if (posix_memalign(&memory, bytes < HUGE_PAGE ? sizeof(__u64) : HUGE_PAGE, bytes))
		return NULL;
	if (bytes >= HUGE_PAGE)
		madvise(memory, bytes, MADV_HUGEPAGE);
	return memory;
}

int segments_init(struct segments *segments, __u32 count, unsigned int shift)
{
	/* as of several GiB where addresses have 32 bits */
	if (count > SIZE_MAX >> shift)
		return -ENOMEM;
	segments->memory = segments_allocate((size_t)count << shift);
	segments->segment = calloc(count, sizeof(*segments->segment));
	if (!segments->memory || !segments->segment) {
		segments_free(segments);
		return -ENOMEM;
	}
	segments->shift = shift;
	segments->count = segments->free = count;
	segments->vacant = SEGMENTS_NONE;
	return 0;
}

void segments_free(struct segments *segments)
{
	free(segments->memory);
	free(segments->segment);
	memset(segments, 0, sizeof(*segments));
}

__u32 segments_take(struct segments *segments)
{
	__u32 taken = segments->vacant;

	if (taken == SEGMENTS_NONE)
		taken = segments->fresh++;
	else
		segments->vacant = segments->segment[taken].next;
	segments->free--;
	segments->segment[taken] = (struct segment){ .next = SEGMENTS_NONE };
	return taken;
}

void segments_give(struct segments *segments, __u32 index)
{
	segments->segment[index].next = segments->vacant;
	segments->vacant = index;
	segments->free++;
}

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A BPF ring buffer without a kernel: memory with the layout of the map's mapping, and the
 * producer's side of it. Owns the fake; freeing is rings_free()'s, as for a real one.
 */
#ifndef XDPDROP_FAKE_RING_H
#define XDPDROP_FAKE_RING_H

#include <linux/bpf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "record/ring.h"

static inline char *fake_map(void *at, size_t bytes, int protection, int flags, int fd,
			     size_t offset)
{
	void *mapped = mmap(at, bytes, protection, flags, fd, offset);

	if (mapped == MAP_FAILED)
		abort();
	return mapped;
}

/*
 * A ring of @size bytes, a multiple of the page size, empty at @position. What comes behind
 * the second mapping of the data cannot be read.
 */
static inline struct ring fake_ring(size_t size, unsigned long position)
{
	const int writable = PROT_READ | PROT_WRITE;
	size_t page = sysconf(_SC_PAGESIZE);
	int fd = memfd_create("fake ring", 0);
	struct ring ring = { .size = size, .position = position };
	char *at;

	if (fd < 0 || ftruncate(fd, 2 * page + size))
		abort();
	ring.consumer_pos = (void *)fake_map(NULL, page, writable, MAP_SHARED, fd, 0);
	at = fake_map(NULL, page + 2 * size + page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	fake_map(at, page + size, writable, MAP_SHARED | MAP_FIXED, fd, page);
	fake_map(at + page + size, size, writable, MAP_SHARED | MAP_FIXED, fd, 2 * page);
	close(fd);
	ring.producer_pos = (void *)at;
	ring.data = at + page;
	*ring.consumer_pos = position;
	*(unsigned long *)at = position;
	return ring;
}

/* @count empty rings that begin at @position. */
static inline struct rings fake_rings(unsigned int count, size_t size, unsigned long position)
{
	struct rings rings = { .count = count };

	rings.ring = calloc(count, sizeof(*rings.ring));
	rings.heap = calloc(count, sizeof(*rings.heap));
	if (!rings.ring || !rings.heap)
		abort();
	for (unsigned int i = 0; i < count; i++)
		rings.ring[i] = fake_ring(size, position);
	return rings;
}

static inline void fake_set_producer(struct ring *ring, unsigned long position)
{
	*(unsigned long *)ring->producer_pos = position;
}

static inline char *fake_at(struct ring *ring, unsigned long position)
{
	return (char *)ring->data + (position & (ring->size - 1));
}

/* Put a record's header and payload, advance the producer. Returns where the header is. */
static inline __u32 *fake_put(struct ring *ring, __u32 word, const void *payload, size_t bytes)
{
	unsigned long position = *ring->producer_pos;
	__u32 *header = (__u32 *)fake_at(ring, position);

	header[0] = word;
	header[1] = 0;
	memcpy(header + 2, payload, bytes);
	fake_set_producer(ring, position + ((BPF_RINGBUF_HDR_SZ + bytes + 7) & ~7UL));
	return header;
}

#endif

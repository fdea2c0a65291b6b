// SPDX-License-Identifier: GPL-2.0-only
/*
 * Gives room back to the kernel in large steps: its position shares a cache line with nothing, but
 * the producer reads it at every reserve.
 */
#include "plain.h"

#include <linux/bpf.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bench.h"

#define BUFFER_BYTES (1024 * 1024)
#define RELEASE_BYTES (64 * 1024)

void plain_open(struct plain_ring *ring, int map_fd)
{
	size_t page = sysconf(_SC_PAGESIZE);
	char *consumer = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, map_fd, 0);
	char *producer = mmap(NULL, page + 2 * RING_BYTES, PROT_READ, MAP_SHARED, map_fd, page);

	if (consumer == MAP_FAILED || producer == MAP_FAILED)
		die("cannot map a ring buffer: %s", strerror(errno));
	ring->consumer = (unsigned long *)consumer;
	ring->producer = (unsigned long *)producer;
	ring->data = producer + page;
}

/* Where a writer would have put it, were there one. */
static void copy_out(const char *payload, unsigned int length)
{
	static char buffer[BUFFER_BYTES];
	static size_t used;

	if (length > sizeof(buffer) - used)
		used = 0;
	memcpy(buffer + used, payload, length);
	used += length;
}

void plain_drain(struct plain_ring *ring)
{
	unsigned long position = *ring->consumer, released = position;
	unsigned long end = __atomic_load_n(ring->producer, __ATOMIC_ACQUIRE);

	while (position != end) {
		const char *record = ring->data + (position & (RING_BYTES - 1));
		__u32 word = __atomic_load_n((const __u32 *)record, __ATOMIC_ACQUIRE);
		__u32 length = word & ~(BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT);

		if (word & BPF_RINGBUF_BUSY_BIT)
			break;
		copy_out(record + BPF_RINGBUF_HDR_SZ, length);
		position += (BPF_RINGBUF_HDR_SZ + length + 7) & ~7UL;
		if (position - released >= RELEASE_BYTES) {
			released = position;
			__atomic_store_n(ring->consumer, position, __ATOMIC_RELEASE);
		}
	}
	__atomic_store_n(ring->consumer, position, __ATOMIC_RELEASE);
}

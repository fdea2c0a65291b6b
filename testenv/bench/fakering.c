// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory with the layout of BPF ring buffers: data mapped twice in a row, positions apart.
 */
#include "fakering.h"

#include <linux/bpf.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bench.h"

#define ALIGNED(bytes) (((bytes) + 7) & ~(size_t)7)

static char *map_twice(size_t size)
{
	int fd = memfd_create("bench_ring", MFD_CLOEXEC);
	char *data = mmap(NULL, 2 * size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (fd < 0 || ftruncate(fd, size) || data == MAP_FAILED)
		die("memory for a ring: %s", strerror(errno));
	for (int i = 0; i < 2; i++)
		if (mmap(data + i * size, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd,
			 0) == MAP_FAILED)
			die("memory for a ring: %s", strerror(errno));
	close(fd);
	return data;
}

/* Returns false when there is no room for it. */
static bool append(struct fake_rings *fake, unsigned int index, unsigned int frame_bytes,
		   __u64 timestamp)
{
	__u32 length = sizeof(struct xdpdrop_record) + frame_bytes;
	size_t whole = ALIGNED(BPF_RINGBUF_HDR_SZ + length);
	struct xdpdrop_record *record;
	char *at;

	if (fake->producer[index] + whole > fake->rings.ring[index].size)
		return false;
	at = (char *)fake->rings.ring[index].data + fake->producer[index];
	memcpy(at, &length, sizeof(length));
	record = (struct xdpdrop_record *)(at + BPF_RINGBUF_HDR_SZ);
	*record = (struct xdpdrop_record){ .timestamp = timestamp,
					   .len = frame_bytes,
					   .caplen = frame_bytes,
					   .ifindex = FAKE_IFINDEX,
					   .action = XDP_DROP,
					   .version = XDPDROP_RECORD_VERSION };
	memset(record->data, (int)timestamp, frame_bytes);
	fake->producer[index] += whole;
	fake->records++;
	return true;
}

/* In lines of the cache of its own, as rings_add() has it. */
static void *lines(size_t size)
{
	size_t whole = (size + 127) / 128 * 128;
	void *data = aligned_alloc(128, whole);

	if (!data)
		die("out of memory");
	return memset(data, 0, whole);
}

void fake_rings_fill(struct fake_rings *fake, unsigned int count, size_t bytes,
		     unsigned int frame_bytes, unsigned int run)
{
	__u64 time = 1;

	*fake = (struct fake_rings){ .rings.count = count };
	fake->rings.ring = lines(count * sizeof(*fake->rings.ring));
	fake->rings.heap = lines(count * sizeof(*fake->rings.heap));
	for (unsigned int i = 0; i < count; i++) {
		fake->rings.ring[i].size = bytes / count;
		fake->rings.ring[i].data = map_twice(bytes / count);
		fake->rings.ring[i].consumer_pos = &fake->consumer[i];
		fake->rings.ring[i].producer_pos = &fake->producer[i];
	}
	while (append(fake, time / run % count, frame_bytes, time))
		time++;
}

void fake_rings_rewind(struct fake_rings *fake)
{
	for (unsigned int i = 0; i < fake->rings.count; i++) {
		fake->rings.ring[i].position = 0;
		fake->consumer[i] = 0;
	}
}

void fake_rings_free(struct fake_rings *fake)
{
	for (unsigned int i = 0; i < fake->rings.count; i++)
		munmap((char *)fake->rings.ring[i].data, 2 * fake->rings.ring[i].size);
	free(fake->rings.ring);
	free(fake->rings.heap);
}

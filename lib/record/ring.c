/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Reads BPF_MAP_TYPE_RINGBUF maps. Such a map has a page with the consumer position, a page with
 * the producer position, and the data. The data is mapped twice in a row, so that a record that
 * wraps around is contiguous. Positions count bytes and never wrap. A record has a header of 8
 * bytes and a payload, rounded up to 8 bytes. The header is a length with a busy and a discard bit,
 * and an offset for the kernel's use.
 *
 * The merge reads from the ring with the oldest head as long as no other ring has an older head, so
 * that a burst on one CPU costs one comparison per record.
 */
#include "record/ring.h"

#include <errno.h>
#include <linux/bpf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define KNOWN_FLAGS                                                                                \
	(XDPDROP_F_TRUNCATED | XDPDROP_F_FAULT | XDPDROP_F_INVALID_ACTION | XDPDROP_F_EXCEPTION)
#define LAST_ACTION 4 /* XDP_REDIRECT */

/* How often an unfinished record is looked at: a program needs some 100 ns to finish it. */
#define LOOKS 1000

/* CPUs fetch lines of the cache in pairs. */
#define LINE_BYTES 128
#define LENGTH_MASK (~(BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT))
#define ALIGN_MASK 7UL
/*
 * Return space to the kernel after this many bytes, not after each record: the kernel reads the
 * position's cache line.
 */
#define RELEASE_BYTES (64 * 1024)

struct drain {
	struct rings *rings;
	unsigned int used; /* entries of the heap */
	__u64 until;
	int budget;
	ring_record_fn fn;
	void *data;
};

int record_check(const void *data, size_t size)
{
	const struct xdpdrop_record *record = data;

	if (size < sizeof(*record) || record->version != XDPDROP_RECORD_VERSION)
		return -EPROTO;
	if (record->caplen > record->len)
		return -EPROTO;
	/*
	 * Records are reserved by size class, so a record may have more room than the frame needs.
	 */
	if (record->caplen > size - sizeof(*record))
		return -EPROTO;
	/* An unknown flag could change the meaning of other fields. */
	if (record->action > LAST_ACTION || record->flags & ~KNOWN_FLAGS)
		return -EPROTO;
	if (record->flags & XDPDROP_F_EXCEPTION &&
	    (record->len || record->caplen ||
	     size - sizeof(*record) < sizeof(struct xdpdrop_exception)))
		return -EPROTO;
	return 0;
}

static size_t ring_page_size(void)
{
	return sysconf(_SC_PAGESIZE);
}

static size_t ring_mapped_size(const struct ring *ring)
{
	return ring_page_size() + 2 * ring->size;
}

static void ring_unmap(struct ring *ring)
{
	munmap((void *)ring->consumer_pos, ring_page_size());
	munmap((void *)ring->producer_pos, ring_mapped_size(ring));
}

static int ring_map(struct ring *ring, int map_fd, size_t size)
{
	struct ring new = { .size = size };
	size_t page = ring_page_size();
	void *mapped;
	int err;

	mapped = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, map_fd, 0);
	if (mapped == MAP_FAILED)
		return -errno;
	new.consumer_pos = mapped;
	mapped = mmap(NULL, ring_mapped_size(&new), PROT_READ, MAP_SHARED, map_fd, page);
	if (mapped == MAP_FAILED) {
		err = -errno;
		munmap((void *)new.consumer_pos, page);
		return err;
	}
	new.producer_pos = mapped;
	new.data = (const char *)mapped + page;
	new.position = *new.consumer_pos;
	*ring = new;
	return 0;
}

/*
 * Make room for one more than @count entries. Both arrays are written for each record: those of
 * another thread must not be in the same line of the cache.
 */
static int rings_grow(void **array, unsigned int count, size_t size)
{
	size_t bytes = ((count + 1) * size + LINE_BYTES - 1) / LINE_BYTES * LINE_BYTES;
	void *grown = aligned_alloc(LINE_BYTES, bytes);

	if (!grown)
		return -ENOMEM;
	if (count)
		memcpy(grown, *array, count * size);
	free(*array);
	*array = grown;
	return 0;
}

int rings_add(struct rings *rings, int map_fd, size_t size)
{
	int err;

	if (!size || size & (size - 1))
		return -EINVAL;
	err = rings_grow((void **)&rings->ring, rings->count, sizeof(*rings->ring));
	err = err ? err : rings_grow((void **)&rings->heap, rings->count, sizeof(*rings->heap));
	if (err)
		return err;
	err = ring_map(&rings->ring[rings->count], map_fd, size);
	if (!err)
		rings->count++;
	return err;
}

void rings_free(struct rings *rings)
{
	for (unsigned int i = 0; i < rings->count; i++)
		ring_unmap(&rings->ring[i]);
	free(rings->heap);
	free(rings->ring);
	*rings = (struct rings){ 0 };
}

static const __u32 *ring_header(const struct ring *ring)
{
	return (const __u32 *)(ring->data + (ring->position & (ring->size - 1)));
}

static void ring_skip(struct ring *ring, size_t length)
{
	ring->position += (BPF_RINGBUF_HDR_SZ + length + ALIGN_MASK) & ~ALIGN_MASK;
}

/*
 * Set the head to the first valid record at or after the position, skipping discarded and invalid
 * records. If there is no head and the position is before the end, the record at the position is
 * unfinished.
 */
static void ring_seek(struct ring *ring, __u64 *invalid)
{
	ring->head = NULL;
	while (ring->position != ring->end) {
		const __u32 *header = ring_header(ring);
		const void *payload = (const char *)header + BPF_RINGBUF_HDR_SZ;
		/* Pairs with the atomic exchange by which the kernel finishes a record. */
		__u32 word = __atomic_load_n(header, __ATOMIC_ACQUIRE);
		size_t length = word & LENGTH_MASK;

		if (word & BPF_RINGBUF_BUSY_BIT)
			return;
		if (length > ring->end - ring->position - BPF_RINGBUF_HDR_SZ) {
			/* The kernel never writes such a length. Later records cannot be found. */
			ring->position = ring->end;
			++*invalid;
			return;
		}
		if (!(word & BPF_RINGBUF_DISCARD_BIT)) {
			if (!record_check(payload, length)) {
				ring->head = payload;
				return;
			}
			++*invalid;
		}
		ring_skip(ring, length);
	}
}

static void ring_advance(struct ring *ring, __u64 *invalid)
{
	ring_skip(ring, *ring_header(ring) & LENGTH_MASK);
	ring_seek(ring, invalid);
}

static bool ring_unfinished(const struct ring *ring)
{
	return !ring->head && ring->position != ring->end;
}

/* A program finishes its record at once, unless its CPU, maybe a virtual one, was taken away. */
static bool ring_stays_unfinished(struct ring *ring, __u64 *invalid)
{
	for (int looks = 0; ring_unfinished(ring) && looks < LOOKS; looks++)
		ring_seek(ring, invalid);
	return ring_unfinished(ring);
}

static void ring_begin(struct ring *ring, __u64 *invalid)
{
	ring->end = __atomic_load_n(ring->producer_pos, __ATOMIC_ACQUIRE) & ~ALIGN_MASK;
	if (ring->end - ring->position > ring->size) {
		ring->position = ring->end;
		++*invalid;
	}
	ring_seek(ring, invalid);
}

static void ring_release(struct ring *ring)
{
	__atomic_store_n(ring->consumer_pos, ring->position, __ATOMIC_RELEASE);
}

static void ring_release_some(struct ring *ring)
{
	if (ring->position - *ring->consumer_pos >= RELEASE_BYTES)
		ring_release(ring);
}

/* Move the entry at @at below older entries of the heap. */
static void ring_heap_sink(struct ring_entry *heap, unsigned int used, unsigned int at)
{
	struct ring_entry entry = heap[at];
	unsigned int child;

	while ((child = 2 * at + 1) < used) {
		if (child + 1 < used && heap[child + 1].timestamp < heap[child].timestamp)
			child++;
		if (entry.timestamp <= heap[child].timestamp)
			break;
		heap[at] = heap[child];
		at = child;
	}
	heap[at] = entry;
}

/* The head of the oldest ring has changed: restore the order of the heap. */
static void ring_heap_update(struct drain *drain)
{
	struct ring_entry *heap = drain->rings->heap;

	if (heap->ring->head)
		heap->timestamp = heap->ring->head->timestamp;
	else
		*heap = heap[--drain->used];
	ring_heap_sink(heap, drain->used, 0);
}

/* Records of the oldest ring up to this time need no comparison with other rings. */
static __u64 ring_heap_limit(const struct drain *drain)
{
	const struct ring_entry *heap = drain->rings->heap;
	__u64 limit = drain->until;

	for (unsigned int i = 1; i < drain->used && i <= 2; i++)
		if (heap[i].timestamp < limit)
			limit = heap[i].timestamp;
	return limit;
}

/*
 * Read the end of each ring, and put rings with a head into the heap. -EAGAIN: the first record of
 * a ring is unfinished.
 */
static int ring_drain_begin(struct drain *drain)
{
	struct rings *rings = drain->rings;
	int err = 0;

	for (unsigned int i = 0; i < rings->count; i++) {
		struct ring *ring = &rings->ring[i];

		ring_begin(ring, &rings->invalid);
		if (ring_stays_unfinished(ring, &rings->invalid))
			err = -EAGAIN;
		if (ring->head)
			rings->heap[drain->used++] =
				(struct ring_entry){ ring->head->timestamp, ring };
	}
	for (unsigned int i = drain->used / 2; i-- > 0;)
		ring_heap_sink(rings->heap, drain->used, i);
	return err;
}

/*
 * Call the callback for records of one ring up to @limit. Returns their number, or the callback's
 * error.
 */
static int ring_drain_run(struct drain *drain, struct ring *ring, __u64 limit, int budget)
{
	int passed = 0;

	while (passed < budget && ring->head && ring->head->timestamp <= limit) {
		int err = drain->fn(drain->data, ring->head);

		ring_advance(ring, &drain->rings->invalid);
		if (err < 0)
			return err;
		passed++;
		ring_release_some(ring);
	}
	return passed;
}

static int ring_drain_merge(struct drain *drain)
{
	struct ring_entry *heap = drain->rings->heap;
	int passed = 0;

	while (drain->used && heap->timestamp <= drain->until && passed < drain->budget) {
		struct ring *ring = heap->ring;
		int run =
			ring_drain_run(drain, ring, ring_heap_limit(drain), drain->budget - passed);

		if (run < 0)
			return run;
		passed += run;
		/* The unfinished record may be older than all other heads. */
		drain->rings->unfinished = ring_stays_unfinished(ring, &drain->rings->invalid);
		if (drain->rings->unfinished)
			break;
		ring_heap_update(drain);
	}
	return passed;
}

int rings_drain(struct rings *rings, __u64 until, int budget, ring_record_fn fn, void *data)
{
	struct drain drain = {
		.rings = rings, .until = until, .budget = budget, .fn = fn, .data = data
	};
	int ret = 0;

	rings->unfinished = ring_drain_begin(&drain);
	if (!rings->unfinished)
		ret = ring_drain_merge(&drain);
	for (unsigned int i = 0; i < rings->count; i++)
		ring_release(&rings->ring[i]);
	return ret;
}

bool rings_are_empty(const struct rings *rings)
{
	for (unsigned int i = 0; i < rings->count; i++)
		if (__atomic_load_n(rings->ring[i].producer_pos, __ATOMIC_ACQUIRE) !=
		    rings->ring[i].position)
			return false;
	return true;
}

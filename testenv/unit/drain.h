/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the tests of ring.c share: records whose contents can be checked, and a callback that
 * notes them. Include after <cmocka.h>.
 */
#ifndef XDPDROP_DRAIN_H
#define XDPDROP_DRAIN_H

#include <errno.h>

#include "fake_ring.h"

#define SIZE ((size_t)sysconf(_SC_PAGESIZE)) /* the least that a ring can have */
#define EVER (~0ULL)
#define RECORD 104 /* bytes of a record with its 64 bytes of frame */

/* What the callback was given, in order. */
static struct seen {
	__u64 timestamps[4096];
	__u32 lens[4096];
	int count;
	int fail_at; /* the record on which the callback returns an error, from 1; 0: none */
	/* The ring's consumer position as each record was seen. */
	const struct ring *ring;
	unsigned long positions[4096];
} seen;

static inline int see(void *data, const struct xdpdrop_record *record)
{
	assert_ptr_equal(data, &seen);
	for (__u32 i = 0; i < record->caplen; i++)
		assert_int_equal(record->data[i], (__u8)(record->timestamp + i));
	if (seen.ring)
		seen.positions[seen.count] = *seen.ring->consumer_pos;
	seen.lens[seen.count] = record->len;
	seen.timestamps[seen.count++] = record->timestamp;
	return seen.count == seen.fail_at ? -EPIPE : 1;
}

static inline int drain(struct rings *rings, __u64 until, int budget)
{
	memset(seen.timestamps, 0, sizeof(seen.timestamps));
	seen.count = 0;
	return rings_drain(rings, until, budget, see, &seen);
}

static inline int setup(void **state)
{
	(void)state;
	memset(&seen, 0, sizeof(seen));
	return 0;
}

/* Put a record of @caplen bytes that follow from its timestamp; @bits go to the ring's header. */
static inline __u32 *put_sized(struct ring *ring, __u64 timestamp, __u32 caplen, __u32 bits)
{
	__u64 payload[(sizeof(struct xdpdrop_record) + 2048) / 8];
	struct xdpdrop_record *record = (void *)payload;

	*record = (struct xdpdrop_record){ .timestamp = timestamp,
					   .len = caplen,
					   .caplen = caplen,
					   .action = 1,
					   .version = XDPDROP_RECORD_VERSION };
	for (__u32 i = 0; i < caplen; i++)
		record->data[i] = timestamp + i;
	return fake_put(ring, (sizeof(*record) + caplen) | bits, payload, sizeof(*record) + caplen);
}

static inline __u32 *put_bits(struct ring *ring, __u64 timestamp, __u32 bits)
{
	return put_sized(ring, timestamp, 64, bits);
}

static inline void put(struct ring *ring, __u64 timestamp)
{
	put_bits(ring, timestamp, 0);
}

static inline void assert_seen(int count, ...)
{
	va_list list;

	assert_int_equal(seen.count, count);
	va_start(list, count);
	for (int i = 0; i < count; i++)
		assert_int_equal(seen.timestamps[i], va_arg(list, int));
	va_end(list);
}

static inline void assert_all_consumed(const struct rings *rings)
{
	for (unsigned int i = 0; i < rings->count; i++)
		assert_int_equal(*rings->ring[i].consumer_pos, *rings->ring[i].producer_pos);
}

#endif

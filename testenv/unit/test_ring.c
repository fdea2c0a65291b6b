/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tests of reading rings, on rings that the test writes itself: what a ring may hold, what is
 * given back, and that nothing in a ring makes the reader leave it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>

#include "between.h"
#include "drain.h"

static void empty_rings(void **state)
{
	struct rings none = { 0 };
	struct rings rings = fake_rings(3, SIZE, 0);

	(void)state;
	assert_int_equal(drain(&none, EVER, 10), 0);
	assert_int_equal(drain(&rings, EVER, 10), 0);
	assert_int_equal(seen.count, 0);
	rings_free(&rings);
	assert_null(rings.ring);
	assert_int_equal(rings.count, 0);
}

static void one_ring_in_order(void **state)
{
	struct rings rings = fake_rings(1, SIZE, 0);

	(void)state;
	put(rings.ring, 1);
	put_sized(rings.ring, 2, 0, 0);
	put_sized(rings.ring, 3, 1001, 0);
	assert_int_equal(drain(&rings, EVER, 10), 3);
	assert_seen(3, 1, 2, 3);
	assert_int_equal(seen.lens[2], 1001);
	assert_all_consumed(&rings);
	assert_int_equal(drain(&rings, EVER, 10), 0);
	put(rings.ring, 4);
	assert_int_equal(drain(&rings, EVER, 10), 1);
	assert_seen(1, 4);
	rings_free(&rings);
}

/* Records of odd lengths cross the end of the data at each offset, many times over. */
static void records_wrap_around(void **state)
{
	struct rings rings = fake_rings(1, SIZE, SIZE - 8);
	unsigned int timestamp = 0;

	(void)state;
	for (int round = 0; round < 300; round++) {
		put_sized(rings.ring, ++timestamp, round * 7 % 1900, 0);
		put_sized(rings.ring, ++timestamp, round * 13 % 1900, 0);
		assert_int_equal(drain(&rings, EVER, 10), 2);
		assert_seen(2, timestamp - 1, timestamp);
	}
	assert_int_equal(rings.invalid, 0);
	rings_free(&rings);
}

/* Where a position of 32 bits would wrap; a ring of the kernel's starts at 0 and gets there. */
static void positions_are_wide(void **state)
{
	struct rings rings = fake_rings(1, SIZE, 0xfffffff8UL);

	(void)state;
	put(rings.ring, 1);
	put(rings.ring, 2);
	assert_int_equal(drain(&rings, EVER, 10), 2);
	assert_seen(2, 1, 2);
	assert_int_equal(*rings.ring->consumer_pos, 0xfffffff8UL + 2 * (8 + RECORD));
	rings_free(&rings);
}

static void discarded_records_are_skipped(void **state)
{
	struct rings rings = fake_rings(1, SIZE, 0);

	(void)state;
	put_bits(rings.ring, 1, BPF_RINGBUF_DISCARD_BIT);
	put(rings.ring, 2);
	put_bits(rings.ring, 3, BPF_RINGBUF_DISCARD_BIT);
	put_bits(rings.ring, 4, BPF_RINGBUF_DISCARD_BIT);
	put(rings.ring, 5);
	put_bits(rings.ring, 6, BPF_RINGBUF_DISCARD_BIT);
	assert_int_equal(drain(&rings, EVER, 10), 2);
	assert_seen(2, 2, 5);
	assert_all_consumed(&rings);
	assert_int_equal(rings.invalid, 0);
	rings_free(&rings);
}

static void invalid_records_are_skipped_and_counted(void **state)
{
	struct rings rings = fake_rings(1, SIZE, 0);
	__u32 *header;

	(void)state;
	fake_put(rings.ring, 0, "", 0);
	header = put_bits(rings.ring, 1, 0);
	((struct xdpdrop_record *)(header + 2))->version = 9;
	put(rings.ring, 2);
	header = put_bits(rings.ring, 3, 0);
	((struct xdpdrop_record *)(header + 2))->caplen = 65;
	fake_put(rings.ring, 16, "0123456789abcdef", 16);
	assert_int_equal(drain(&rings, EVER, 10), 1);
	assert_seen(1, 2);
	assert_int_equal(rings.invalid, 4);
	assert_all_consumed(&rings);
	rings_free(&rings);
}

/* Lengths that end behind what was produced: the rest of that ring is lost, others go on. */
static void a_length_past_the_end_gives_up_the_ring(void **state)
{
	const __u32 lengths[] = { RECORD + 1, RECORD + 8, SIZE, 1 << 20, 0x3fffffff };

	(void)state;
	for (unsigned int i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
		struct rings rings = fake_rings(2, SIZE, SIZE - 64);

		put(&rings.ring[0], 1);
		put_bits(&rings.ring[0], 2, 0)[0] = lengths[i];
		put(&rings.ring[1], 3);
		assert_int_equal(drain(&rings, EVER, 10), 2);
		assert_seen(2, 1, 3);
		assert_int_equal(rings.invalid, 1);
		assert_all_consumed(&rings);
		put(&rings.ring[0], 4);
		assert_int_equal(drain(&rings, EVER, 10), 1);
		assert_seen(1, 4);
		rings_free(&rings);
	}
}

static void a_producer_too_far_ahead_gives_up_the_ring(void **state)
{
	struct rings rings = fake_rings(1, SIZE, 0);

	(void)state;
	put(rings.ring, 1);
	fake_set_producer(rings.ring, SIZE + 8);
	assert_int_equal(drain(&rings, EVER, 10), 0);
	assert_int_equal(rings.invalid, 1);
	assert_all_consumed(&rings);
	fake_set_producer(rings.ring, 8); /* and one that has gone back */
	assert_int_equal(drain(&rings, EVER, 10), 0);
	assert_int_equal(rings.invalid, 2);
	rings_free(&rings);
}

static void a_producer_within_a_header_is_not_followed(void **state)
{
	struct rings rings = fake_rings(1, SIZE, 0);

	(void)state;
	put(rings.ring, 1);
	fake_set_producer(rings.ring, 8 + RECORD + 5);
	assert_int_equal(drain(&rings, EVER, 10), 1);
	assert_int_equal(rings.invalid, 0);
	assert_int_equal(*rings.ring->consumer_pos, 8 + RECORD);
	rings_free(&rings);
}

static void a_round_ends_where_the_producer_was(void **state)
{
	struct rings rings = fake_rings(1, SIZE, 0);
	unsigned long first;

	(void)state;
	put(rings.ring, 1);
	first = *rings.ring->producer_pos;
	put(rings.ring, 2);
	fake_set_producer(rings.ring, first);
	assert_int_equal(drain(&rings, EVER, 10), 1);
	assert_seen(1, 1);
	rings_free(&rings);
}

static void budget(void **state)
{
	struct rings rings = fake_rings(2, SIZE, 0);

	(void)state;
	for (int i = 1; i <= 6; i++)
		put(&rings.ring[i % 2], i);
	assert_int_equal(drain(&rings, EVER, 0), 0);
	assert_int_equal(drain(&rings, EVER, 4), 4);
	assert_seen(4, 1, 2, 3, 4);
	assert_int_equal(drain(&rings, EVER, 4), 2);
	assert_seen(2, 5, 6);
	assert_all_consumed(&rings);
	put(&rings.ring[0], 7);
	for (int i = 8; i <= 12; i++)
		put(&rings.ring[1], i);
	assert_int_equal(drain(&rings, EVER, 3), 3); /* ends within a run of one ring */
	assert_seen(3, 7, 8, 9);
	rings_free(&rings);
}

/* The record on which the callback failed counts as passed on; those before it as well. */
static void the_callback_ends_the_drain(void **state)
{
	struct rings rings = fake_rings(2, SIZE, 0);

	(void)state;
	for (int i = 1; i <= 6; i++)
		put(&rings.ring[i % 2], i);
	seen.fail_at = 3;
	assert_int_equal(drain(&rings, EVER, 10), -EPIPE);
	assert_seen(3, 1, 2, 3);
	assert_int_equal(*rings.ring[1].consumer_pos, 2 * (8 + RECORD));
	assert_int_equal(*rings.ring[0].consumer_pos, 8 + RECORD);
	seen.fail_at = 0;
	assert_int_equal(drain(&rings, EVER, 10), 3);
	assert_seen(3, 4, 5, 6);
	rings_free(&rings);
}

/*
 * Room goes back to the kernel within a round, and never that of the record in use: with one
 * ring in one run, and with two that take turns.
 */
static void check_release(unsigned int count)
{
	struct rings rings = fake_rings(count, 256 * 1024, 0);
	int total = 0;

	while (rings.ring[0].producer_pos[0] + 2 * (8 + RECORD) < 200 * 1024)
		for (unsigned int i = 0; i < count; i++)
			put(&rings.ring[i], ++total);
	seen.ring = rings.ring;
	assert_int_equal(drain(&rings, EVER, 10000), total);
	for (int i = 0; i < total; i += count) {
		unsigned long position = (unsigned long)i / count * (8 + RECORD);

		assert_between(seen.positions[i], 0, position);
		assert_between(position - seen.positions[i], 0, 64 * 1024 + 8 + RECORD);
	}
	assert_all_consumed(&rings);
	rings_free(&rings);
}

static void room_is_released_while_draining(void **state)
{
	(void)state;
	check_release(1);
	check_release(2);
}

static void adding_what_is_no_ring_fails(void **state)
{
	struct rings rings = { 0 };

	(void)state;
	assert_int_equal(rings_add(&rings, -1, SIZE), -EBADF);
	assert_int_equal(rings_add(&rings, -1, 0), -EINVAL);
	assert_int_equal(rings_add(&rings, -1, 3 * SIZE), -EINVAL);
	assert_int_equal(rings.count, 0);
	rings_free(&rings);
}

/* A file laid out as the map is; positions are taken over from it. */
static void adding_maps_all_parts(void **state)
{
	size_t page = sysconf(_SC_PAGESIZE);
	int fd = memfd_create("ring", 0);
	struct rings rings = { 0 };
	unsigned long position = 64;

	(void)state;
	assert_int_equal(ftruncate(fd, 2 * page + 2 * SIZE), 0);
	assert_int_equal(pwrite(fd, &position, sizeof(position), 0), sizeof(position));
	position = 64 + 8;
	assert_int_equal(pwrite(fd, &position, sizeof(position), page), sizeof(position));
	assert_int_equal(pwrite(fd, "at 64", 5, 2 * page + 64), 5);
	for (unsigned int i = 0; i < 3; i++) {
		assert_int_equal(rings_add(&rings, fd, SIZE), 0);
		assert_int_equal(rings.count, i + 1);
		assert_int_equal(rings.ring[i].size, SIZE);
		assert_int_equal(rings.ring[i].position, 64);
		assert_int_equal(*rings.ring[i].producer_pos, 72);
		assert_memory_equal(rings.ring[i].data + 64, "at 64", 5);
	}
	rings_free(&rings);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(empty_rings, setup),
		cmocka_unit_test_setup(one_ring_in_order, setup),
		cmocka_unit_test_setup(records_wrap_around, setup),
		cmocka_unit_test_setup(positions_are_wide, setup),
		cmocka_unit_test_setup(discarded_records_are_skipped, setup),
		cmocka_unit_test_setup(invalid_records_are_skipped_and_counted, setup),
		cmocka_unit_test_setup(a_length_past_the_end_gives_up_the_ring, setup),
		cmocka_unit_test_setup(a_producer_too_far_ahead_gives_up_the_ring, setup),
		cmocka_unit_test_setup(a_producer_within_a_header_is_not_followed, setup),
		cmocka_unit_test_setup(a_round_ends_where_the_producer_was, setup),
		cmocka_unit_test_setup(budget, setup),
		cmocka_unit_test_setup(the_callback_ends_the_drain, setup),
		cmocka_unit_test_setup(room_is_released_while_draining, setup),
		cmocka_unit_test_setup(adding_what_is_no_ring_fails, setup),
		cmocka_unit_test_setup(adding_maps_all_parts, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tests of the order across rings: the merge by time, and when it has to wait.
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

static void order_across_rings(void **state)
{
	struct rings rings = fake_rings(3, SIZE, 0);

	(void)state;
	put(&rings.ring[0], 2);
	put(&rings.ring[0], 3);
	put(&rings.ring[0], 9);
	put(&rings.ring[1], 4);
	put(&rings.ring[1], 5);
	put(&rings.ring[2], 1);
	put(&rings.ring[2], 6);
	put(&rings.ring[2], 7);
	put(&rings.ring[2], 8);
	assert_int_equal(drain(&rings, EVER, 100), 9);
	assert_seen(9, 1, 2, 3, 4, 5, 6, 7, 8, 9);
	assert_all_consumed(&rings);
	rings_free(&rings);
}

/* Every number of rings from 1 to 65, records dealt to them at random, budgets at random. */
static void many_rings(void **state)
{
	(void)state;
	srandom(1);
	for (unsigned int count = 1; count <= 65; count++) {
		struct rings rings = fake_rings(count, 16 * SIZE, 0);
		__u64 next = 1;
		int passed, most;

		for (unsigned int i = 1; i <= 300; i++)
			put(&rings.ring[random() % count], i);
		while ((passed = drain(&rings, EVER, most = 1 + random() % 100)) > 0) {
			assert_int_equal(passed, seen.count);
			assert_between(passed, 1, most);
			for (int i = 0; i < passed; i++)
				assert_int_equal(seen.timestamps[i], next++);
		}
		assert_int_equal(passed, 0);
		assert_int_equal(next, 301);
		assert_all_consumed(&rings);
		rings_free(&rings);
	}
}

static void equal_timestamps_all_come(void **state)
{
	struct rings rings = fake_rings(4, SIZE, 0);

	(void)state;
	for (int i = 0; i < 4; i++) {
		put(&rings.ring[i], 5);
		put(&rings.ring[i], 5);
	}
	assert_int_equal(drain(&rings, 5, 100), 8);
	assert_all_consumed(&rings);
	rings_free(&rings);
}

static void younger_records_wait(void **state)
{
	struct rings rings = fake_rings(2, SIZE, 0);

	(void)state;
	put(&rings.ring[0], 10);
	put(&rings.ring[0], 21);
	put(&rings.ring[1], 20);
	put(&rings.ring[1], 22);
	assert_int_equal(drain(&rings, 9, 10), 0);
	assert_int_equal(drain(&rings, 20, 10), 2);
	assert_seen(2, 10, 20);
	assert_int_equal(*rings.ring[0].consumer_pos, 8 + RECORD);
	assert_int_equal(drain(&rings, 20, 10), 0);
	assert_int_equal(drain(&rings, 22, 10), 2);
	assert_seen(2, 21, 22);
	rings_free(&rings);
}

/* An unfinished record may get any timestamp: nothing is passed on until it has one. */
static void an_unfinished_record_stops_the_merge(void **state)
{
	struct rings rings = fake_rings(2, SIZE, 0);
	__u32 *busy;

	(void)state;
	put(&rings.ring[0], 1);
	busy = put_bits(&rings.ring[0], 3, BPF_RINGBUF_BUSY_BIT);
	put(&rings.ring[0], 5);
	put(&rings.ring[1], 2);
	put(&rings.ring[1], 4);
	assert_int_equal(drain(&rings, EVER, 10), 1);
	assert_seen(1, 1);
	assert_int_equal(*rings.ring[0].consumer_pos, 8 + RECORD);
	assert_int_equal(*rings.ring[1].consumer_pos, 0);
	assert_true(rings.unfinished);
	assert_int_equal(drain(&rings, EVER, 10), 0);
	assert_true(rings.unfinished);
	*busy = RECORD;
	assert_int_equal(drain(&rings, EVER, 10), 4);
	assert_false(rings.unfinished);
	assert_seen(4, 2, 3, 4, 5);
	assert_all_consumed(&rings);
	rings_free(&rings);
}

static void an_unfinished_record_may_be_discarded(void **state)
{
	struct rings rings = fake_rings(2, SIZE, 0);
	__u32 *busy = put_bits(&rings.ring[1], 3, BPF_RINGBUF_BUSY_BIT);

	(void)state;
	put(&rings.ring[0], 1);
	assert_int_equal(drain(&rings, EVER, 10), 0);
	*busy = RECORD | BPF_RINGBUF_DISCARD_BIT;
	assert_int_equal(drain(&rings, EVER, 10), 1);
	assert_seen(1, 1);
	assert_all_consumed(&rings);
	rings_free(&rings);
}

/* Possible where one run of a program interrupts another between reserve and clock. */
static void a_timestamp_out_of_order_is_passed_on(void **state)
{
	struct rings rings = fake_rings(2, SIZE, 0);

	(void)state;
	put(&rings.ring[0], 10);
	put(&rings.ring[0], 5);
	put(&rings.ring[0], 12);
	put(&rings.ring[1], 11);
	assert_int_equal(drain(&rings, EVER, 10), 4);
	assert_seen(4, 10, 5, 11, 12);
	assert_all_consumed(&rings);
	rings_free(&rings);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(order_across_rings, setup),
		cmocka_unit_test_setup(many_rings, setup),
		cmocka_unit_test_setup(equal_timestamps_all_come, setup),
		cmocka_unit_test_setup(younger_records_wait, setup),
		cmocka_unit_test_setup(an_unfinished_record_stops_the_merge, setup),
		cmocka_unit_test_setup(an_unfinished_record_may_be_discarded, setup),
		cmocka_unit_test_setup(a_timestamp_out_of_order_is_passed_on, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

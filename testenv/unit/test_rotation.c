// SPDX-License-Identifier: GPL-2.0-only
/*
 * When a file of a series ends.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "output/rotation.h"

#define SECOND 1000000000ULL
#define START (1700481600 * SECOND)

static struct rotation begun(struct rotation rotation)
{
	rotation_begin(&rotation, START + 123456789);
	return rotation;
}

static void without_limits_a_file_goes_on(void **state)
{
	struct rotation rotation = begun((struct rotation){ 0 });

	(void)state;
	assert_int_equal(rotation_check(&rotation, START + 1000000 * SECOND, ~0ULL), ROTATION_NONE);
	assert_int_equal(rotation_tick(&rotation, 0), ROTATION_NONE);
}

static void a_file_may_be_as_large_as_the_size(void **state)
{
	struct rotation rotation = begun((struct rotation){ .bytes = 1000 });

	(void)state;
	assert_int_equal(rotation_check(&rotation, START, 1000), ROTATION_NONE);
	assert_int_equal(rotation_check(&rotation, START, 1001), ROTATION_FILE);
	/* only a record ends it */
	assert_int_equal(rotation_tick(&rotation, START), ROTATION_NONE);
}

static void periods_begin_at_whole_seconds(void **state)
{
	struct rotation rotation = begun((struct rotation){ .period = 10 * SECOND });

	(void)state;
	assert_true(rotation.start == START);
	assert_int_equal(rotation_check(&rotation, START + 10 * SECOND - 1, 0), ROTATION_NONE);
	assert_int_equal(rotation_check(&rotation, START + 10 * SECOND, 0), ROTATION_PERIOD);
	assert_true(rotation.start == START + 10 * SECOND);
	assert_int_equal(rotation_check(&rotation, START + 10 * SECOND, 0), ROTATION_NONE);
	assert_int_equal(rotation_tick(&rotation, START + 20 * SECOND), ROTATION_PERIOD);
	assert_true(rotation.start == START + 20 * SECOND);
}

static void periods_without_a_call_are_skipped(void **state)
{
	struct rotation rotation = begun((struct rotation){ .period = 10 * SECOND });

	(void)state;
	assert_int_equal(rotation_tick(&rotation, START + 57 * SECOND), ROTATION_PERIOD);
	assert_true(rotation.start == START + 50 * SECOND);
}

static void the_time_counts_before_the_size(void **state)
{
	struct rotation rotation = begun((struct rotation){ .period = SECOND, .bytes = 10 });

	(void)state;
	assert_int_equal(rotation_check(&rotation, START + SECOND, 11), ROTATION_PERIOD);
}

static void the_series_ends_with_its_last_period(void **state)
{
	struct rotation rotation = begun((struct rotation){ .period = SECOND, .periods = 2 });

	(void)state;
	assert_int_equal(rotation_tick(&rotation, START + SECOND), ROTATION_PERIOD);
	assert_int_equal(rotation_check(&rotation, START + 2 * SECOND, 0), ROTATION_END);
}

/* An old record, that a stopped CPU has finished late, does not begin a period of the past. */
static void a_clock_that_was_set_back_begins_a_period(void **state)
{
	struct rotation rotation = begun((struct rotation){ .period = 10 * SECOND });

	(void)state;
	assert_int_equal(rotation_check(&rotation, START - 100 * SECOND, 0), ROTATION_NONE);
	assert_int_equal(rotation_tick(&rotation, START - SECOND), ROTATION_NONE);
	assert_int_equal(rotation_tick(&rotation, START - 100 * SECOND + 5), ROTATION_PERIOD);
	assert_true(rotation.start == START - 100 * SECOND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_limits_a_file_goes_on),
		cmocka_unit_test(a_file_may_be_as_large_as_the_size),
		cmocka_unit_test(periods_begin_at_whole_seconds),
		cmocka_unit_test(periods_without_a_call_are_skipped),
		cmocka_unit_test(the_time_counts_before_the_size),
		cmocka_unit_test(the_series_ends_with_its_last_period),
		cmocka_unit_test(a_clock_that_was_set_back_begins_a_period),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

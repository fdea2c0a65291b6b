/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tests of the clock offset, on clocks that the test sets.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <time.h>

#include "base/clock.h"

#define SECOND 1000000000LL
#define BOOT (1700000000 * SECOND) /* CLOCK_REALTIME when CLOCK_MONOTONIC was 0 */

static struct {
	__s64 monotonic;
	__s64 step;    /* of CLOCK_REALTIME since the start */
	__s64 reading; /* how long reading a clock takes, ns */
	unsigned int readings;
	unsigned int stall; /* the reading that takes stall_ns longer, 0: none */
	__s64 stall_ns;
} fake;

/* In place of the C library's. A clock is read in the middle of the call. */
int clock_gettime(clockid_t id, struct timespec *now)
{
	__s64 half = fake.reading / 2, time;

	if (++fake.readings == fake.stall)
		fake.monotonic += fake.stall_ns;
	fake.monotonic += half;
	time = fake.monotonic + (id == CLOCK_REALTIME ? BOOT + fake.step : 0);
	fake.monotonic += half;
	*now = (struct timespec){ time / SECOND, time % SECOND };
	return 0;
}

static int setup(void **state)
{
	(void)state;
	fake.monotonic = 5 * SECOND;
	fake.step = 0;
	fake.reading = 40;
	fake.readings = 0;
	fake.stall = 0;
	return 0;
}

static struct clock_offset measured(void)
{
	struct clock_offset clock = { 0 };

	clock_update(&clock);
	return clock;
}

static void monotonic_is_in_nanoseconds(void **state)
{
	(void)state;
	fake.monotonic = 7 * SECOND + 123456789 - 20;
	assert_int_equal(clock_monotonic(), 7 * SECOND + 123456789);
}

static void first_measurement(void **state)
{
	struct clock_offset clock = measured();

	(void)state;
	assert_int_equal(clock.offset, BOOT);
	assert_int_equal(clock_realtime(&clock, 42), BOOT + 42);
}

/* An interruption in any reading moves the result by none of its length. */
static void interrupted_measurement(void **state)
{
	(void)state;
	fake.stall_ns = 3000000;
	for (unsigned int reading = 1; reading <= 15; reading++) {
		fake.readings = 0;
		fake.stall = reading;
		assert_int_equal(measured().offset, BOOT);
	}
}

static void noise_is_ignored(void **state)
{
	struct clock_offset clock = measured();

	(void)state;
	fake.step = 50000;
	clock_update(&clock);
	assert_int_equal(clock.offset, BOOT);
	fake.step = -50000;
	clock_update(&clock);
	assert_int_equal(clock.offset, BOOT);
}

static void steps_are_followed(void **state)
{
	static const __s64 steps[] = { 50001, -1, -50002, SECOND, -3600 * SECOND, 0 };
	struct clock_offset clock = measured();

	(void)state;
	for (unsigned int i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
		fake.step = steps[i];
		clock_update(&clock);
		assert_int_equal(clock.offset, BOOT + steps[i]);
	}
}

/* Steps too small to be believed one by one are, once they add up. */
static void drift_adds_up(void **state)
{
	struct clock_offset clock = measured();

	(void)state;
	for (int i = 1; i <= 5; i++) {
		fake.step = i * 10000;
		clock_update(&clock);
		assert_int_equal(clock.offset, BOOT);
	}
	fake.step = 60000;
	clock_update(&clock);
	assert_int_equal(clock.offset, BOOT + 60000);
}

/* Where reading a clock is slow, what is within its width is noise. */
static void slow_clocks_have_more_noise(void **state)
{
	struct clock_offset clock;

	(void)state;
	fake.reading = 400000;
	clock = measured();
	assert_int_equal(clock.offset, BOOT);
	fake.step = 800000;
	clock_update(&clock);
	assert_int_equal(clock.offset, BOOT);
	fake.step = 800001;
	clock_update(&clock);
	assert_int_equal(clock.offset, BOOT + 800001);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(monotonic_is_in_nanoseconds, setup),
		cmocka_unit_test_setup(first_measurement, setup),
		cmocka_unit_test_setup(interrupted_measurement, setup),
		cmocka_unit_test_setup(noise_is_ignored, setup),
		cmocka_unit_test_setup(steps_are_followed, setup),
		cmocka_unit_test_setup(drift_adds_up, setup),
		cmocka_unit_test_setup(slow_clocks_have_more_noise, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

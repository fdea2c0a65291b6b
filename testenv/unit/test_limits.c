// SPDX-License-Identifier: GPL-2.0-only
/*
 * How the bound of the run time is kept, in a model of what frames cost; what bounds are called.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <string.h>

#include "between.h"
#include "bpf/limits.h"
#include "base/clock.h"

#define TICK 100000000ULL

/* What a flood costs if 1 in @sample is captured: for each frame, and for captured ones. */
static __u32 cost(__u32 each, __u32 captured, __u32 sample)
{
	return each + captured / sample;
}

/* After at most ten looks, and from then on. */
static void assert_settles(__u32 each, __u32 captured, __u32 limit)
{
	__u32 sample = 1;

	for (int i = 0; i < 10; i++)
		sample = limits_adapt(sample, 1, cost(each, captured, sample), limit);
	for (int i = 0; i < 20; i++) {
		__u32 now = cost(each, captured, sample);

		assert_true(now <= limit);
		assert_true(sample == 1 || now >= limit / 2);
		sample = limits_adapt(sample, 1, now, limit);
	}
}

static void the_bound_is_kept(void **state)
{
	(void)state;
	assert_settles(0, 30000, 1000);
	assert_settles(100, 60000, 1000);
	assert_settles(800, 60000, 1000);
	assert_settles(10, 1200, 1000);
	assert_settles(0, 100000, 50);
	assert_settles(0, 900, 1000);
}

static void what_cannot_be_kept_samples_least(void **state)
{
	__u32 sample = 1;

	(void)state;
	for (int i = 0; i < 200; i++)
		sample = limits_adapt(sample, 1, cost(2000, 50000, sample), 1000);
	assert_int_equal(sample, XDPDROP_MAX_SAMPLE);
	assert_int_equal(limits_adapt(sample, 1, 100000, 1), XDPDROP_MAX_SAMPLE);
}

/* The flood is over: back to what was asked for, half by half. */
static void it_goes_back(void **state)
{
	__u32 sample = XDPDROP_MAX_SAMPLE;
	int looks = 0;

	(void)state;
	for (; sample > 10 && looks < 100; looks++) {
		__u32 next = limits_adapt(sample, 10, 0, 1000);

		assert_true(next < sample && next >= sample / 2);
		sample = next;
	}
	assert_int_equal(sample, 10);
	assert_between(looks, 12, 14);
	assert_int_equal(limits_adapt(10, 10, 0, 1000), 10);
	assert_int_equal(limits_adapt(10, 10, 700, 1000), 10);
}

static void near_the_bound_nothing_changes(void **state)
{
	(void)state;
	for (__u32 overhead = 751; overhead <= 1000; overhead++)
		assert_int_equal(limits_adapt(37, 1, overhead, 1000), 37);
	assert_true(limits_adapt(37, 1, 1001, 1000) > 37);
	assert_true(limits_adapt(37, 1, 600, 1000) < 37);
}

/* The busiest CPU counts, each from where it was. */
static void the_busiest_cpu_is_measured(void **state)
{
	static struct xdpdrop_state states[3];
	struct xdpdrop_control control = { 0 };
	struct capture_maps maps = { .cpus = 3, .states = states, .control = &control };
	struct xdpdrop_opts opts = { .sample = 2, .max_overhead = 1000 };
	struct limits limits;
	__u64 start;

	(void)state;
	states[0].timed_ns = 5;
	assert_int_equal(limits_begin(&limits, &maps, &opts, NULL), 0);
	assert_true(maps.limits.sampling && maps.limits.timing);
	assert_int_equal(control.sample, 2);
	start = limits.looked;
	limits_tick(&limits, &maps, start + TICK - 1);
	assert_int_equal(limits.looked, start);
	states[1].timed_ns = TICK / 10 / XDPDROP_TIMED_PART;
	states[2].timed_ns = TICK / 20 / XDPDROP_TIMED_PART;
	limits_tick(&limits, &maps, start + TICK);
	assert_between(limits.overhead, 9990, 10000);
	assert_between(control.sample, 20, 24);
	limits_tick(&limits, &maps, start + 2 * TICK);
	assert_int_equal(limits.overhead, 0);
	assert_between(control.sample, 10, 12);
	limits_free(&limits);
}

/* Once in a while a frame is interrupted, which says nothing of those that are not timed. */
static void an_interruption_counts_little(void **unused)
{
	static struct xdpdrop_state state;

	(void)unused;
	xdpdrop_count_time(&state, &state.far_ns[0], 5000000);
	assert_int_equal(state.timed_ns, 0);
	for (int i = 0; i < 1000; i++)
		xdpdrop_count_time(&state, &state.far_ns[0], 100);
	state.timed_ns = 0;
	xdpdrop_count_time(&state, &state.far_ns[0], 5000000);
	assert_between(state.timed_ns, 100, (XDPDROP_FAR + 1) * 100);
}

/* From cheap to dear, and frames that are captured beside those that are not. */
static void what_lasts_counts_whole(void **unused)
{
	static struct xdpdrop_state state;

	(void)unused;
	for (int i = 0; i < 1000; i++)
		xdpdrop_count_time(&state, &state.far_ns[0], 10);
	state.timed_ns = 0;
	for (int i = 0; i < 1000; i++)
		xdpdrop_count_time(&state, &state.far_ns[0], 3000);
	assert_between(state.timed_ns, 1000 * 3000 * 98 / 100, 1000 * 3000);
	for (int i = 0; i < 1000; i++)
		xdpdrop_count_time(&state, &state.far_ns[0], 60);
	state.timed_ns = 0;
	xdpdrop_count_time(&state, &state.far_ns[1], 5000);
	for (int i = 0; i < 1000; i++) {
		xdpdrop_count_time(&state, &state.far_ns[0], 60);
		xdpdrop_count_time(&state, &state.far_ns[1], 5000);
	}
	assert_int_equal(state.timed_ns, 1000 * (60 + 5000));
}

static void rates_are_intervals(void **state)
{
	struct xdpdrop_control control = { 0 };
	struct capture_maps maps = { .cpus = 1, .control = &control };
	struct xdpdrop_opts opts = { .sample = 1, .rate = 1, .reason_rate = 10000000 };
	struct limits limits;
	__u64 second = clock_hz() * XDPDROP_JIFFY_PARTS;

	(void)state;
	assert_int_equal(limits_begin(&limits, &maps, &opts, NULL), 0);
	limits_free(&limits);
	assert_false(maps.limits.sampling || maps.limits.timing);
	assert_int_equal(maps.limits.second, second);
	assert_int_equal(maps.limits.rate_interval, second);
	/* never slower than asked for, and at most half a percent faster */
	assert_between(maps.limits.reason_interval * 10000000, second - second / 200, second);
	opts = (struct xdpdrop_opts){ .sample = 1 };
	assert_int_equal(limits_begin(&limits, &maps, &opts, NULL), 0);
	limits_free(&limits);
	assert_int_equal(maps.limits.rate_interval + maps.limits.reason_interval, 0);
	assert_false(maps.limits.counting || maps.limits.matching);
	opts.count_only = true;
	assert_int_equal(limits_begin(&limits, &maps, &opts, NULL), 0);
	limits_free(&limits);
	assert_true(maps.limits.counting && maps.limits.matching);
}

static void they_have_names(void **state)
{
	struct xdpdrop_opts opts = { .sample = 1 };
	char text[256];

	(void)state;
	limits_describe(&opts, text, sizeof(text));
	assert_string_equal(text, "");
	opts.rate = 1000;
	limits_describe(&opts, text, sizeof(text));
	assert_string_equal(text, "at most 1000 frames a second per CPU");
	opts = (struct xdpdrop_opts){
		.sample = 65535, .rate = 10000000, .reason_rate = 10000000, .max_overhead = 99999
	};
	limits_describe(&opts, text, sizeof(text));
	assert_string_equal(text,
			    "sample 1 in 65535; sampled as needed for at most 99.999 % of a CPU's "
			    "time; at most 10000000 frames a second per CPU; at most 10000000 "
			    "frames a second per CPU, capture point and reason");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_bound_is_kept),
		cmocka_unit_test(what_cannot_be_kept_samples_least),
		cmocka_unit_test(it_goes_back),
		cmocka_unit_test(near_the_bound_nothing_changes),
		cmocka_unit_test(the_busiest_cpu_is_measured),
		cmocka_unit_test(an_interruption_counts_little),
		cmocka_unit_test(what_lasts_counts_whole),
		cmocka_unit_test(rates_are_intervals),
		cmocka_unit_test(they_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

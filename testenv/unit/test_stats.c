// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whether a session notices that its counters do not add up, each sum by itself, and its totals
 * by capture point and reason.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "between.h"
#include "fake_ring.h"
#include "api/session.h"

#define CPUS 3
#define POINTS 2

static struct xdpdrop_state states[CPUS];
static struct xdpdrop *session;
static char message[256];

static struct xdpdrop_counters *at(unsigned int point, unsigned int cpu)
{
	return &states[cpu].counters[point];
}

static void read_records(unsigned int point, __u32 reason, unsigned int count)
{
	const struct xdpdrop_record record = { .point = point, .reason = reason, .len = 100 };

	for (unsigned int i = 0; i < count; i++)
		assert_true(sink_record(&session->sink, &record) >= 0);
}

static void leave_out(unsigned int cpu, unsigned int point, __u32 reason, __u64 frames)
{
	struct xdpdrop_tally_slot *slot = xdpdrop_tally_find(&states[cpu].left_out, point, reason);

	slot->frames += frames;
	slot->bytes += 100 * frames;
}

static int take(void *data, const struct xdpdrop_point *point, const struct xdpdrop_record *record,
		__u64 realtime)
{
	(void)data, (void)point, (void)record, (void)realtime;
	return 0;
}

/* A stopped session, two capture points, three CPUs, every sum right. */
static int setup(void **state)
{
	struct xdpdrop_point info = { .tap = "hook" };
	struct reasons reasons = { 0 };

	(void)state;
	memset(states, 0, sizeof(states));
	session = calloc(1, sizeof(*session));
	if (!session || reasons_add(&reasons, 7, "BLOCKLIST"))
		return -1;
	session->maps = CAPTURE_MAPS_NONE;
	session->maps.cpus = CPUS;
	session->maps.states = states;
	info.program_id = 1;
	points_add(&session->points, &info, &reasons);
	info.program_id = 2;
	points_add(&session->points, &info, &reasons);
	session->sink.handler = take;
	session->state = SESSION_STOPPED;
	sink_begin(&session->sink, &session->points, 65535, "");

	*at(0, 0) = (struct xdpdrop_counters){
		.seen = 21, .filtered = 1, .sampled_out = 2, .limited = 3, .lost = 5, .captured = 10
	};
	*at(0, 2) = (struct xdpdrop_counters){ .seen = 4, .lost = 4 };
	*at(1, 1) = (struct xdpdrop_counters){ .seen = 5, .captured = 5 };
	at(0, 0)->bytes = 2100;
	at(0, 2)->bytes = 400;
	at(1, 1)->bytes = 500;
	read_records(0, 7, 8);
	read_records(0, 9, 2);
	read_records(1, 0, 5);
	leave_out(0, 0, 7, 6);
	leave_out(0, 0, 4, 1);
	leave_out(2, 0, 7, 3);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	sink_free(&session->sink);
	points_free(&session->points);
	free(session);
	return 0;
}

static bool is_balanced(void)
{
	struct xdpdrop_stats stats = { .size = sizeof(stats) };

	assert_int_equal(xdpdrop_get_stats(session, &stats), 0);
	return stats.balanced;
}

static void test_balanced(void **state)
{
	struct xdpdrop_stats stats = { .size = sizeof(stats) };

	(void)state;
	assert_int_equal(xdpdrop_get_stats(session, &stats), 0);
	assert_true(stats.balanced);
	assert_int_equal(stats.seen, 30);
	assert_int_equal(stats.filtered, 1);
	assert_int_equal(stats.sampled_out, 2);
	assert_int_equal(stats.limited, 3);
	assert_int_equal(stats.lost, 9);
	assert_int_equal(stats.captured, 15);
	assert_int_equal(stats.bytes, 3000);
	assert_int_equal(stats.written, 15);
}

/* Each counter by itself, one more than it should be. */
static void test_each_counter(void **state)
{
	static const size_t offsets[] = {
		offsetof(struct xdpdrop_counters, seen),
		offsetof(struct xdpdrop_counters, filtered),
		offsetof(struct xdpdrop_counters, sampled_out),
		offsetof(struct xdpdrop_counters, limited),
		offsetof(struct xdpdrop_counters, lost),
		offsetof(struct xdpdrop_counters, captured),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
		__u64 *counter = (__u64 *)((char *)at(0, 0) + offsets[i]);

		++*counter;
		assert_false(is_balanced());
		--*counter;
		assert_true(is_balanced());
	}
}

/* What is too much on one CPU and too little on another is no balance. */
static void test_each_cpu(void **state)
{
	(void)state;
	at(0, 0)->lost++;
	at(0, 2)->lost--;
	assert_false(is_balanced());
}

/* Losses that the maps has told, and records that tell of more or fewer; also beyond 32 bits. */
static void test_losses_told(void **state)
{
	const struct xdpdrop_record record = { .lost = 3, .len = 100 };

	(void)state;
	at(0, 0)->seen++;
	at(0, 0)->captured++;
	at(0, 0)->bytes += 100;
	assert_int_equal(sink_record(&session->sink, &record), 0);
	assert_false(is_balanced());
	at(0, 0)->lost_reported = ~0U;
	at(0, 2)->lost_reported = 4;
	assert_true(is_balanced());
	at(0, 2)->lost_reported++;
	at(1, 2)->lost_reported--;
	assert_false(is_balanced());
}

static void test_each_point(void **state)
{
	(void)state;
	at(0, 0)->seen++;
	at(1, 1)->seen--;
	assert_false(is_balanced());
}

/* Frames that one capture point captured and records that say another one. */
static void test_records_of_other_point(void **state)
{
	(void)state;
	at(0, 0)->captured++;
	at(0, 0)->seen++;
	at(1, 1)->captured--;
	at(1, 1)->seen--;
	assert_false(is_balanced());
}

static void test_record_without_frame(void **state)
{
	(void)state;
	read_records(1, 0, 1);
	assert_false(is_balanced());
}

static void test_frame_without_record(void **state)
{
	(void)state;
	at(1, 1)->captured++;
	at(1, 1)->seen++;
	assert_false(is_balanced());
}

static void test_not_written(void **state)
{
	(void)state;
	session->sink.handled--;
	assert_true(is_balanced()); /* it counts as not written */
	session->sink.over_limit++;
	assert_false(is_balanced());
}

/* More frames of a reason than of all. */
static void test_reasons_beyond_total(void **state)
{
	(void)state;
	leave_out(1, 1, 3, 1);
	assert_false(is_balanced());
}

static void test_reason_of_unknown_point(void **state)
{
	(void)state;
	leave_out(1, POINTS, 3, 1);
	assert_false(is_balanced());
}

/* While the capture runs a frame may be on its way. */
static void test_not_stopped(void **state)
{
	(void)state;
	at(0, 0)->seen++;
	session->state = SESSION_ARMED;
	assert_true(is_balanced());
}

static void test_point_stats(void **state)
{
	struct xdpdrop_point_stats stats = { .size = sizeof(stats) };

	(void)state;
	assert_int_equal(xdpdrop_get_point_stats(session, 0, &stats), 0);
	assert_int_equal(stats.seen, 25);
	assert_int_equal(stats.lost, 9);
	assert_int_equal(stats.bytes, 2500);
	assert_int_equal(xdpdrop_get_point_stats(session, 1, &stats), 0);
	assert_int_equal(stats.captured, 5);
	assert_int_equal(xdpdrop_get_point_stats(session, POINTS, &stats), -EINVAL);
	stats.size = 1;
	assert_int_equal(xdpdrop_get_point_stats(session, 0, &stats), -EINVAL);
}

struct expected {
	unsigned int point;
	__u32 reason;
	const char *name;
	__u64 frames, captured;
};

static const struct expected *next;

static void check_row(void *data, const struct xdpdrop_reason_stats *row)
{
	(void)data;
	assert_int_equal(row->point, next->point);
	assert_int_equal(row->reason, next->reason);
	assert_int_equal(row->frames, next->frames);
	assert_int_equal(row->bytes, next->frames * 100);
	assert_int_equal(row->captured, next->captured);
	assert_false(row->others);
	if (next->name)
		assert_string_equal(row->name, next->name);
	else
		assert_null(row->name);
	next++;
}

static void test_reasons(void **state)
{
	static const struct expected rows[] = {
		{ 0, 0, NULL, 5, 0 }, { 0, 4, NULL, 1, 0 }, { 0, 7, "BLOCKLIST", 17, 8 },
		{ 0, 9, NULL, 2, 2 }, { 1, 0, NULL, 5, 5 },
	};

	(void)state;
	next = rows;
	assert_int_equal(xdpdrop_get_reasons(session, check_row, NULL), 0);
	assert_ptr_equal(next, rows + 5);
}

/* A frame that the filter rejected is in no row, nor are its bytes. */
static void test_reasons_of_matching_frames(void **state)
{
	static const struct expected rows[] = {
		{ 0, 0, NULL, 4, 0 }, { 0, 4, NULL, 1, 0 }, { 0, 7, "BLOCKLIST", 17, 8 },
		{ 0, 9, NULL, 2, 2 }, { 1, 0, NULL, 5, 5 },
	};

	(void)state;
	session->maps.limits.matching = true;
	states[0].filtered_bytes[0] = 100;
	next = rows;
	assert_int_equal(xdpdrop_get_reasons(session, check_row, NULL), 0);
	assert_ptr_equal(next, rows + sizeof(rows) / sizeof(rows[0]));
	assert_true(is_balanced());
}

struct sum {
	__u64 frames, others;
	unsigned int rows;
};

static void add_row(void *data, const struct xdpdrop_reason_stats *row)
{
	struct sum *sum = data;

	sum->frames += row->frames;
	sum->others += row->others ? row->frames : 0;
	sum->rows++;
}

/* More reasons than a table has slots: the sum stays right. */
static void test_many_reasons(void **state)
{
	struct sum sum = { 0 };

	(void)state;
	for (__u32 reason = 100; reason < 1100; reason++)
		leave_out(1, 1, reason, 1);
	at(1, 1)->seen += 1000;
	at(1, 1)->filtered += 1000;
	at(1, 1)->bytes += 100000;
	assert_true(is_balanced());
	assert_int_equal(xdpdrop_get_reasons(session, add_row, &sum), 0);
	assert_int_equal(sum.frames, 1030);
	assert_between(sum.others, 1000 - XDPDROP_TALLY_SLOTS, 1000 - XDPDROP_TALLY_SLOTS / 2);
	assert_int_equal(sum.rows, 5 + 1 + 1000 - sum.others);
}

static void keep_message(void *data, enum xdpdrop_log_level level, const char *text)
{
	(void)data;
	assert_int_equal(level, XDPDROP_LOG_ERROR);
	snprintf(message, sizeof(message), "%s", text);
}

/* What no capture program has written is neither a frame nor nothing. */
static void test_invalid_record(void **state)
{
	(void)state;
	session->state = SESSION_DISARMED;
	session->control.socket = -1;
	session->rings = fake_rings(2, 4096 * 16, 0);
	xdpdrop_set_log(session, keep_message, NULL, XDPDROP_LOG_ERROR);
	fake_put(&session->rings.ring[1], 16, "0123456789abcdef", 16);
	assert_int_equal(xdpdrop_stop(session), 0);
	assert_string_equal(message, "1 record in the ring buffers cannot be read and is left out");
	assert_false(is_balanced());
	rings_free(&session->rings);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_balanced),
		TEST(test_each_counter),
		TEST(test_each_cpu),
		TEST(test_losses_told),
		TEST(test_each_point),
		TEST(test_records_of_other_point),
		TEST(test_record_without_frame),
		TEST(test_frame_without_record),
		TEST(test_not_written),
		TEST(test_reasons_beyond_total),
		TEST(test_reason_of_unknown_point),
		TEST(test_not_stopped),
		TEST(test_point_stats),
		TEST(test_reasons),
		TEST(test_reasons_of_matching_frames),
		TEST(test_many_reasons),
		TEST(test_invalid_record),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * The history: what it forgets first, that blocks come out as they went in, that each frame is
 * counted once, and that its memory is bounded.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "output/history.h"

#define MOST_BYTES 100000

static struct history history;
static __u64 put, moved; /* frames so far */
static char block[MOST_BYTES], read_back[MOST_BYTES];

static int setup(void **state)
{
	(void)state;
	memset(&history, 0, sizeof(history));
	put = moved = 0;
	return history_init(&history, 256 * 1024);
}

static int teardown(void **state)
{
	(void)state;
	history_free(&history);
	return 0;
}

/* The content of a frame follows from its time, which is its number. */
static void fill(char *bytes, __u64 time, size_t size)
{
	for (size_t i = 0; i < size; i++)
		bytes[i] = (char)(time * 31 + i);
}

static void assert_sums(void)
{
	assert_int_equal(put, history.kept + history.forgotten + moved);
	assert_true(history.segments.fresh <= history.segments.count);
	assert_true(history.segments.free <= history.segments.count);
}

static void put_frame(__u16 point, __u32 reason, size_t size)
{
	size_t room;
	char *bytes = history_aim(&history, point, reason, &room);

	/* one half is composed where it stays */
	if (++put % 2 || size > room)
		bytes = block;
	fill(bytes, put, size);
	history_put(&history, put, reason + point, bytes, size);
}

/* Move the oldest frame out, and check its bytes. */
static struct history_frame move_frame(void)
{
	struct history_frame frame;
	size_t size;

	assert_true(history_oldest(&history, &frame, &size));
	fill(block, frame.time, size);
	history_move(&history, read_back);
	assert_memory_equal(block, read_back, size);
	assert_int_equal(frame.interface, frame.reason + frame.point);
	moved++;
	return frame;
}

/* All that is left comes out in the order of arrival. */
static void drain(void)
{
	__u64 last = 0;

	while (history.kept) {
		struct history_frame frame = move_frame();

		assert_true(frame.time > last);
		last = frame.time;
	}
	assert_sums();
	assert_int_equal(history.segments.free, history.segments.count);
	assert_int_equal(shares_largest(&history.shares), SHARES_NONE);
}

static void frames_come_out_as_they_went_in(void **state)
{
	(void)state;
	for (size_t size = 1; size < 1500; size += 7)
		put_frame(0, size % 3, size);
	assert_int_equal(history.forgotten, 0);
	drain();
}

static void nothing_is_in_an_empty_history(void **state)
{
	struct history_frame frame;
	size_t size;

	(void)state;
	assert_false(history_oldest(&history, &frame, &size));
	history_expire(&history, ~0ULL);
	history_clear(&history);
	assert_int_equal(history_count(&history, 0, 0), 0);
	assert_sums();
}

static void a_flood_leaves_rare_reasons_alone(void **state)
{
	(void)state;
	for (int i = 0; i < 10; i++)
		put_frame(0, 7, 64);
	for (int i = 0; i < 100000; i++)
		put_frame(0, 1, 64);
	assert_int_equal(history_count(&history, 0, 7), 10);
	assert_true(history.shares.share[shares_look(&history.shares, 1)].segments <= history.most);
	assert_sums();
	drain();
}

/* Many floods at once, too, and those of another capture point with the same number. */
static void many_floods_leave_rare_reasons_alone(void **state)
{
	(void)state;
	for (int i = 0; i < 10; i++)
		put_frame(1, 3, 64);
	for (int i = 0; i < 100000; i++)
		put_frame(0, i % 20, 60 + i % 900);
	assert_int_equal(history_count(&history, 1, 3), 10);
	assert_int_equal(history.segments.free < 8, true);
	drain();
}

/* Each flood has about as much as the others. */
static void floods_share_the_memory(void **state)
{
	__u32 least = ~0U, most = 0;

	(void)state;
	for (int i = 0; i < 100000; i++)
		put_frame(0, i % 10 ? i % 4 : 4, 64);
	for (__u32 reason = 0; reason < 5; reason++) {
		__u32 count = history_count(&history, 0, reason);

		least = count < least ? count : least;
		most = count > most ? count : most;
	}
	assert_true(most <= least + least / 3);
	drain();
}

static void no_reason_has_more_than_half(void **state)
{
	(void)state;
	for (int i = 0; i < 10000; i++)
		put_frame(0, 1, 1 + i % 5000);
	assert_true(history.segments.count - history.segments.free <= history.most);
	assert_true(history.segments.count - history.segments.free > history.most / 2);
	drain();
}

static void a_frame_larger_than_the_history_is_forgotten(void **state)
{
	(void)state;
	put_frame(0, 1, 64);
	history_free(&history);
	memset(&history, 0, sizeof(history));
	put = 0;
	assert_int_equal(history_init(&history, HISTORY_LEAST), 0);
	put_frame(0, 2, 64);
	put_frame(0, 1, MOST_BYTES);
	assert_int_equal(history.forgotten, 1);
	assert_int_equal(history_count(&history, 0, 2), 1);
	drain();
}

/* One that takes all that a reason may have displaces all others of it. */
static void the_largest_frame_displaces_its_reason(void **state)
{
	(void)state;
	for (int i = 0; i < 100; i++)
		put_frame(0, 1, 64);
	for (int i = 0; i < 600; i++)
		put_frame(0, 2, 64);
	put_frame(0, 1, 90000);
	put_frame(0, 1, 90000);
	assert_true(history_count(&history, 0, 1) >= 1);
	assert_sums();
	drain();
}

static void ten_thousand_reasons(void **state)
{
	(void)state;
	for (int round = 0; round < 3; round++)
		for (__u32 reason = 0; reason < 10000; reason++)
			put_frame(reason % 5, reason, 64 + reason % 400);
	assert_true(history.kept > 100);
	assert_sums();
	drain();
	/* their places are free again */
	for (__u32 reason = 0; reason < 10; reason++)
		put_frame(0, 1000000 + reason, 64);
	for (__u32 reason = 0; reason < 10; reason++)
		assert_int_equal(history_count(&history, 0, 1000000 + reason), 1);
	drain();
}

/* Each has one frame, and a flood fills the rest of the memory many times over. */
static void a_thousand_rare_reasons_in_the_least_history(void **state)
{
	(void)state;
	history_free(&history);
	assert_int_equal(history_init(&history, 1024 * 1024), 0);
	for (__u32 reason = 1; reason <= 1000; reason++)
		put_frame(0, reason, 150);
	for (int i = 0; i < 100000; i++)
		put_frame(0, 0, 150);
	for (__u32 reason = 1; reason <= 1000; reason++)
		assert_int_equal(history_count(&history, 0, reason), 1);
	assert_true(history_count(&history, 0, 0) > 1000);
	drain();
}

/* And not much less. */
static void never_more_memory_than_asked_for(void **state)
{
	(void)state;
	for (__u64 bytes = HISTORY_LEAST; bytes < 1ULL << 28; bytes += bytes / 7) {
		const struct segments *segments = &history.segments;
		__u64 taken;

		history_free(&history);
		assert_int_equal(history_init(&history, bytes), 0);
		taken = ((__u64)segments->count << segments->shift) +
			segments->count * (sizeof(struct segment) + sizeof(struct order_entry)) +
			shares_bytes(segments->count);
		assert_true(taken <= bytes);
		assert_true(taken > bytes - bytes / 4);
	}
}

/* One byte more than there are addresses would be none. */
static void not_more_memory_than_there_are_addresses(void **state)
{
	struct segments segments = { 0 };

	(void)state;
	assert_int_equal(segments_init(&segments, 1U << 10, 8 * sizeof(size_t) - 10), -ENOMEM);
}

static void old_frames_expire(void **state)
{
	(void)state;
	for (int i = 0; i < 100; i++)
		put_frame(0, i % 7, 200);
	history_expire(&history, 91);
	assert_int_equal(history.kept, 10);
	assert_int_equal(move_frame().time, 91);
	history_clear(&history);
	assert_int_equal(history.forgotten, 99);
	drain();
}

/* Those of each reason in order. */
static void note_time(void *data, const struct history_frame *frame)
{
	__u64 *last = data;

	assert_true(frame->time > last[frame->reason]);
	assert_int_equal(frame->interface, frame->reason + frame->point);
	last[frame->reason] = frame->time;
	last[3]++;
}

static void each_visits_all(void **state)
{
	__u64 last[4] = { 0 };

	(void)state;
	for (int i = 0; i < 5000; i++)
		put_frame(0, i % 3, 300);
	history_each(&history, note_time, last);
	assert_int_equal(last[3], history.kept);
	assert_int_equal(last[(put - 1) % 3], put);
}

/* Anything in any order, with a seed that a failure prints. */
static void at_random(void **state)
{
	const unsigned int seed = 4711;

	(void)state;
	srand(seed);
	for (int i = 0; i < 200000; i++) {
		int choice = rand() % 100;

		if (choice < 90)
			put_frame(rand() % 3, rand() % (1 << rand() % 14), 1 + rand() % 2000);
		else if (choice < 98 && history.kept)
			move_frame();
		else if (choice < 99)
			history_expire(&history, put > 50 ? put - 50 : 0);
		if (i % 1000 == 0)
			assert_sums();
	}
	drain();
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(frames_come_out_as_they_went_in),
		TEST(nothing_is_in_an_empty_history),
		TEST(a_flood_leaves_rare_reasons_alone),
		TEST(many_floods_leave_rare_reasons_alone),
		TEST(floods_share_the_memory),
		TEST(no_reason_has_more_than_half),
		TEST(a_frame_larger_than_the_history_is_forgotten),
		TEST(the_largest_frame_displaces_its_reason),
		TEST(ten_thousand_reasons),
		TEST(a_thousand_rare_reasons_in_the_least_history),
		TEST(never_more_memory_than_asked_for),
		TEST(not_more_memory_than_there_are_addresses),
		TEST(old_frames_expire),
		TEST(each_visits_all),
		TEST(at_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Triggers: their words, when they act, and when they keep quiet; and the marks of the past that
 * files begin at.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/marks.h"
#include "api/trigger.h"

#define SECOND 1000000000ULL

static struct trigger parsed(const char *text)
{
	struct trigger trigger;

	assert_int_equal(trigger_parse(&trigger, text), 0);
	assert_string_equal(trigger.text, text);
	return trigger;
}

static void words_are_read(void **state)
{
	struct trigger trigger;

	(void)state;
	trigger = parsed("reason=BLOCK)>1");
	assert_int_equal(trigger.kind, TRIGGER_REASON);
	assert_string_equal(trigger.reason, "BLOCK)>1");
	trigger = parsed("rate(a)b)>10000");
	assert_int_equal(trigger.kind, TRIGGER_RATE_OF_REASON);
	assert_string_equal(trigger.reason, "a)b");
	assert_int_equal(trigger.rate, 10000);
	assert_true(trigger_names_reason(&trigger));
	trigger = parsed("rate(17)>0");
	assert_false(trigger_names_reason(&trigger));
	trigger = parsed("reason=0x11");
	assert_false(trigger_names_reason(&trigger));
	assert_int_equal(trigger.number, 17);
	trigger = parsed("reason=4294967296");
	assert_true(trigger_names_reason(&trigger));
	assert_int_equal(parsed("rate>5").rate, 5);
	assert_int_equal(parsed("new-reason").kind, TRIGGER_NEW_REASON);
	assert_int_equal(parsed("lost").kind, TRIGGER_LOST);
	assert_int_equal(parsed("exception").kind, TRIGGER_EXCEPTION);
	assert_int_equal(parsed("gone").kind, TRIGGER_GONE);
}

static void other_words_are_refused(void **state)
{
	static const char *const wrong[] = {
		"",	     "reason",	 "reason=",	     "rate",	  "rate>",
		"rate>x",    "rate>-1",	 "rate>1 ",	     "rate()>1",  "rate(a>1",
		"rate(a)",   "rate(a)>", "rate(a)1",	     "lost ",	  "Lost",
		"gone,lost", "rate>1e9", "rate>99999999999", "reason =x",
	};
	char longest[2 * TRIGGER_TEXT];
	struct trigger trigger;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(trigger_parse(&trigger, wrong[i]), -22);
	snprintf(longest, sizeof(longest), "reason=%0*d", TRIGGER_TEXT, 0);
	assert_int_equal(trigger_parse(&trigger, longest), -22);
}

static bool acts(struct trigger *trigger, struct trigger_counts counts, __u64 ms)
{
	return trigger_acts(trigger, &counts, ms * 1000000, 0);
}

static void losses_act_each_time(void **state)
{
	struct trigger trigger = parsed("lost");

	(void)state;
	assert_false(acts(&trigger, (struct trigger_counts){ 0 }, 1));
	assert_true(acts(&trigger, (struct trigger_counts){ .lost = 1 }, 2));
	assert_false(acts(&trigger, (struct trigger_counts){ .lost = 1 }, 3));
	assert_true(acts(&trigger, (struct trigger_counts){ .lost = 9 }, 4));
}

static void holdoff_keeps_quiet(void **state)
{
	struct trigger trigger = parsed("exception");
	struct trigger_counts counts = { .exceptions = 1 };

	(void)state;
	assert_true(trigger_acts(&trigger, &counts, SECOND, 60 * SECOND));
	counts.exceptions = 2;
	assert_false(trigger_acts(&trigger, &counts, 60 * SECOND, 60 * SECOND));
	assert_false(trigger_acts(&trigger, &counts, 62 * SECOND, 60 * SECOND));
	counts.exceptions = 3;
	assert_true(trigger_acts(&trigger, &counts, 63 * SECOND, 60 * SECOND));
}

/* As soon as there are too many, and not when as many come slowly. */
static void rates_count_within_a_second(void **state)
{
	struct trigger trigger = parsed("rate>100");

	(void)state;
	assert_false(acts(&trigger, (struct trigger_counts){ .seen = 0 }, 5000));
	assert_false(acts(&trigger, (struct trigger_counts){ .seen = 100 }, 5100));
	assert_true(acts(&trigger, (struct trigger_counts){ .seen = 101 }, 5200));
	for (unsigned int i = 1; i < 50; i++)
		assert_false(acts(&trigger, (struct trigger_counts){ .seen = 101 + i * 45 },
				  5200 + i * 500));
}

/* The reader may have waited for a disk between two looks. */
static void a_late_look_is_of_several_seconds(void **state)
{
	struct trigger trigger = parsed("rate>100");

	(void)state;
	assert_false(acts(&trigger, (struct trigger_counts){ .seen = 0 }, 5000));
	assert_false(acts(&trigger, (struct trigger_counts){ .seen = 300 }, 8000));
	assert_true(acts(&trigger, (struct trigger_counts){ .seen = 601 }, 11000));
}

static void reasons_are_found_by_name_and_number(void **state)
{
	const struct xdpdrop_reason_stats rows[] = {
		{ .point = 0, .reason = 0, .frames = 1000 },
		{ .point = 0, .reason = 3, .name = "three", .frames = 1 },
		{ .point = 1, .reason = 4, .name = "three", .frames = 1 },
		{ .point = 1, .reason = 5, .frames = 1 },
		{ .point = 1, .others = true, .frames = 1 },
	};
	struct trigger_counts counts = { .row = rows, .count = 2 };
	struct trigger name = parsed("rate(three)>1"), number = parsed("reason=5");
	struct trigger new_one = parsed("new-reason");

	(void)state;
	assert_false(acts(&name, counts, 1));
	assert_false(acts(&number, counts, 1));
	assert_true(acts(&new_one, counts, 1));
	counts.count = 3;
	assert_true(acts(&name, counts, 2));
	assert_true(acts(&new_one, counts, 2));
	assert_false(acts(&new_one, counts, 3));
	counts.count = 5;
	assert_true(acts(&number, counts, 3));
	assert_true(acts(&new_one, counts, 4));
}

/* What is gone may come back. */
static void a_counter_that_falls_does_not_act(void **state)
{
	struct trigger trigger = parsed("gone");

	(void)state;
	assert_true(acts(&trigger, (struct trigger_counts){ .gone = 2 }, 1));
	assert_false(acts(&trigger, (struct trigger_counts){ .gone = 1 }, 2));
	assert_true(acts(&trigger, (struct trigger_counts){ .gone = 2 }, 3));
}

static void add_mark(struct marks *marks, __u64 time)
{
	struct counted counted = { .rows = { calloc(1, sizeof(*counted.rows.row)), 1 } };

	counted.delivered[0] = time;
	marks_add(marks, time, &counted);
	assert_null(counted.rows.row);
}

/* However long the past is, there are some marks in all parts of it. */
static void marks_cover_a_long_past(void **state)
{
	struct marks *marks = calloc(1, sizeof(*marks));
	__u64 gap = 0;

	(void)state;
	for (__u64 time = SECOND; time < 100000 * SECOND; time += SECOND)
		if (marks_are_due(marks, time))
			add_mark(marks, time);
	assert_true(marks->count <= MARKS_MOST && marks->count >= MARKS_MOST / 2);
	assert_int_equal(marks->mark[0].time, SECOND);
	for (unsigned int i = 1; i < marks->count; i++) {
		assert_true(marks->mark[i].time > marks->mark[i - 1].time);
		assert_int_equal(marks->mark[i].counted.delivered[0], marks->mark[i].time);
		if (marks->mark[i].time - marks->mark[i - 1].time > gap)
			gap = marks->mark[i].time - marks->mark[i - 1].time;
	}
	assert_true(gap <= 100000 * SECOND / (MARKS_MOST / 4));
	marks_clear(marks);
	assert_int_equal(marks->count, 0);
	free(marks);
}

static void the_last_mark_before_a_time_stays(void **state)
{
	struct marks *marks = calloc(1, sizeof(*marks));

	(void)state;
	for (__u64 i = 1; i <= 10; i++)
		add_mark(marks, i * SECOND);
	marks_forget(marks, 4 * SECOND + 1);
	assert_int_equal(marks->mark[0].time, 4 * SECOND);
	marks_forget(marks, 1);
	assert_int_equal(marks->count, 7);
	marks_forget(marks, 100 * SECOND);
	assert_int_equal(marks->mark[0].time, 10 * SECOND);
	assert_int_equal(marks->count, 1);
	marks_clear(marks);
	free(marks);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_read),
		cmocka_unit_test(other_words_are_refused),
		cmocka_unit_test(losses_act_each_time),
		cmocka_unit_test(holdoff_keeps_quiet),
		cmocka_unit_test(rates_count_within_a_second),
		cmocka_unit_test(a_late_look_is_of_several_seconds),
		cmocka_unit_test(reasons_are_found_by_name_and_number),
		cmocka_unit_test(a_counter_that_falls_does_not_act),
		cmocka_unit_test(marks_cover_a_long_past),
		cmocka_unit_test(the_last_mark_before_a_time_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

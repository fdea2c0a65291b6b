// SPDX-License-Identifier: GPL-2.0-only
/*
 * The text for Prometheus: its values, hostile names, and its size with many reasons.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "publish/metrics_text.h"

#define REASONS 10000

static char *text;
static __u64 started = 1;

static void compose(struct monitor_row *rows, unsigned int count)
{
	const struct monitor_table table = {
		.row = rows, .count = count, .stats.lost = 7, .ifname = "eth0", .start_ns = started
	};
	size_t length;

	free(text);
	text = metrics_text(&table, &length);
	assert_non_null(text);
	assert_int_equal(length, strlen(text));
}

static struct monitor_row row(const char *reason, unsigned int order, __u64 frames)
{
	return (struct monitor_row){ .interface = "eth0",
				     .program = "fw",
				     .hook = "-",
				     .tap = "exit",
				     .reason = reason,
				     .order = order,
				     .frames = frames,
				     .bytes = 100 * frames };
}

static int teardown(void **state)
{
	(void)state;
	free(text);
	text = NULL;
	return 0;
}

static void values_are_those_of_the_table(void **state)
{
	struct monitor_row rows[] = { row("A", 0, 5), row("B", 1, 6) };

	(void)state;
	compose(rows, 2);
	assert_non_null(strstr(text, "\nxdpdrop_frames_total{interface=\"eth0\",program=\"fw\","
				     "hook=\"-\",reason=\"A\"} 5\n"));
	assert_non_null(strstr(text, "hook=\"-\",reason=\"B\"} 600\n"));
	assert_non_null(strstr(text, "\nxdpdrop_lost_total 7\n"));
	assert_non_null(strstr(text, "\nxdpdrop_reasons_in_other 0\n"));
}

/* No lease then is no alert. */
static void nothing_is_counted_before_the_start(void **state)
{
	(void)state;
	compose(NULL, 0);
	assert_non_null(strstr(text, "\nxdpdrop_counting{interface=\"eth0\"} 1\n"));
	assert_non_null(strstr(text, "\nxdpdrop_lease_seconds "));
	started = 0;
	compose(NULL, 0);
	started = 1;
	assert_non_null(strstr(text, "\nxdpdrop_counting{interface=\"eth0\"} 0\n"));
	assert_null(strstr(text, "xdpdrop_lease_seconds"));
}

static void names_are_escaped(void **state)
{
	struct monitor_row rows[] = { row("a\"b\\c\nd\xff", 0, 5) };

	(void)state;
	compose(rows, 1);
	assert_non_null(strstr(text, "reason=\"a\\\"b\\\\c\\nd\xef\xbf\xbd\"} 5\n"));
}

/* Rows of two taps have the same labels, which may be there once. */
static void equal_labels_are_one_series(void **state)
{
	struct monitor_row rows[] = { row("A", 0, 5), row("A", 1, 6) };

	(void)state;
	compose(rows, 2);
	assert_non_null(strstr(text, "reason=\"A\"} 11\n"));
	assert_null(strstr(text, "reason=\"A\"} 5\n"));
}

static unsigned int series(__u64 *frames)
{
	static const char start[] = "\nxdpdrop_frames_total{";
	unsigned int count = 0;

	*frames = 0;
	for (const char *at = text; (at = strstr(at, start)); at++, count++)
		*frames += strtoull(strchr(at, '}') + 1, NULL, 10);
	return count;
}

/* No frame is missing, and which reasons have series does not change with their counts. */
static void many_reasons_are_bounded(void **state)
{
	struct monitor_row *rows = calloc(REASONS, sizeof(*rows));
	char(*names)[16] = calloc(REASONS, sizeof(*names));
	__u64 frames;

	(void)state;
	assert_true(rows && names);
	for (unsigned int i = 0; i < REASONS; i++) {
		snprintf(names[i], sizeof(names[i]), "R%u", i);
		rows[i] = row(names[i], REASONS - 1 - i, i);
	}
	compose(rows, REASONS);
	assert_int_equal(series(&frames), METRICS_SERIES + 1);
	assert_int_equal(frames, REASONS * (REASONS - 1) / 2);
	assert_non_null(strstr(text, "reason=\"R9999\"} 9999\n"));
	assert_null(strstr(text, "reason=\"R8999\""));
	assert_non_null(strstr(text, "\nxdpdrop_reasons_in_other 9000\n"));
	free(rows);
	free(names);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(values_are_those_of_the_table, teardown),
		cmocka_unit_test_teardown(nothing_is_counted_before_the_start, teardown),
		cmocka_unit_test_teardown(names_are_escaped, teardown),
		cmocka_unit_test_teardown(equal_labels_are_one_series, teardown),
		cmocka_unit_test_teardown(many_reasons_are_bounded, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

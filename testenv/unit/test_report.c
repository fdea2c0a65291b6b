// SPDX-License-Identifier: GPL-2.0-only
/*
 * What people read on standard error, word for word.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/report.h"
#include "common/text.h"

static char *written;
static size_t size;
static struct report report;

static int begin(void **state)
{
	(void)state;
	report = (struct report){ .program = "tool", .live = true };
	report.stream = open_memstream(&written, &size);
	return report.stream ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	fclose(report.stream);
	free(written);
	return 0;
}

static void assert_written(const char *expected)
{
	fflush(report.stream);
	assert_string_equal(written, expected);
}

static const struct xdpdrop_point points[] = {
	{ .tap = "wrap", .program = "xdpfilt_alw_all", .program_id = 114, .link_type = 1 },
	{ .tap = "hook",
	  .program = "fw",
	  .program_id = 3,
	  .hook = "xdpdrop_hook",
	  .hook_id = 9,
	  .link_type = 101 },
	{ .tap = "hook", .hook = "pin\033[31m", .hook_id = 10, .link_type = 1 },
};
static unsigned int point_count;

/* In place of the library's. */
unsigned int xdpdrop_point_count(const struct xdpdrop *session)
{
	(void)session;
	return point_count;
}

const struct xdpdrop_point *xdpdrop_get_point(const struct xdpdrop *session, unsigned int index)
{
	(void)session;
	return &points[index];
}

static void test_interval(void **state)
{
	struct xdpdrop_stats before = { .seen = 100, .captured = 90, .lost = 10 };
	struct xdpdrop_stats now = { .seen = 1100,
				     .captured = 500,
				     .lost = 100,
				     .filtered = 400,
				     .sampled_out = 70,
				     .limited = 30,
				     .bytes = 110000,
				     .written = 499 };

	(void)state;
	report_interval(&report, &now, &before, 12345, 500);
	assert_written("tool: 12.3 s: 1100 frames seen (110.0 kB), 500 captured, 100 lost, "
		       "500 left out, 499 written; 2000/s seen, 820/s captured, 180/s lost\n");
}

/* No time has passed, nothing was left out. */
static void test_interval_empty(void **state)
{
	struct xdpdrop_stats none = { .seen = 0 };

	(void)state;
	report_interval(&report, &none, &none, 0, 0);
	assert_written("tool: 0.0 s: 0 frames seen (0 bytes), 0 captured, 0 lost, 0 written; "
		       "0/s seen, 0/s captured, 0/s lost\n");
}

static void test_listening(void **state)
{
	(void)state;
	point_count = 1;
	report_listening(&report, NULL, "eth0", 0, NULL, false);
	assert_written("listening on eth0, tap wrap on xdpfilt_alw_all (id 114), "
		       "link-type EN10MB, snapshot length 65535 bytes\n");
}

static void test_listening_with_history(void **state)
{
	(void)state;
	point_count = 1;
	report_listening(&report, NULL, "eth0", 0, "a.pcapng", true);
	assert_written("listening on eth0, tap wrap on xdpfilt_alw_all (id 114), "
		       "link-type EN10MB, snapshot length 65535 bytes\n"
		       "no file yet; a trigger begins one, named after a.pcapng\n");
}

static void test_listening_on_all(void **state)
{
	(void)state;
	point_count = 3;
	report_listening(&report, NULL, "eth0", 96, "a\033b.pcap", false);
	assert_written("listening on eth0, tap wrap on xdpfilt_alw_all (id 114), "
		       "tap hook on fw (id 3) at xdpdrop_hook (id 9), "
		       "tap hook on pin?[31m (id 10), "
		       "link-type EN10MB, link-type RAW, snapshot length 96 bytes\n"
		       "writing to a?b.pcap\n");
}

static void test_messages(void **state)
{
	(void)state;
	report_log(&report, XDPDROP_LOG_ERROR, "one\ntwo\x1b[2J");
	report_log(&report, XDPDROP_LOG_WARN, "three");
	report_message(&report, XDPDROP_LOG_INFO, "%d", 4);
	assert_written("tool: one\ntool: two?[2J\ntool: warning: three\ntool: 4\n");
	assert_int_equal(report.errors, 1);
}

static void test_summary(void **state)
{
	const struct xdpdrop_stats stats = { .seen = 3, .bytes = 180, .captured = 3, .written = 3 };

	(void)state;
	report_summary(&report, &stats, true);
	assert_written("3 frames dropped by XDP (180 bytes)\n3 frames captured\n0 frames lost\n"
		       "3 frames written\n");
}

static void test_summary_of_all(void **state)
{
	const struct xdpdrop_stats stats = {
		.seen = 1,
		.bytes = 1,
		.filtered = 2,
		.sampled_out = 3,
		.limited = 4,
		.lost = 5,
		.captured = 6,
		.over_limit = 7,
		.write_failed = 8,
		.written = ~0ULL,
	};

	(void)state;
	report_summary(&report, &stats, false);
	assert_written("1 frame seen by XDP (1 byte)\n"
		       "2 frames rejected by the filter\n"
		       "3 frames left out by sampling\n"
		       "4 frames over the rate limit\n"
		       "6 frames captured\n"
		       "5 frames lost, a ring buffer was full (see -B) or the capture got no CPU\n"
		       "7 frames beyond the count (-c)\n"
		       "8 frames not written\n"
		       "18446744073709551615 frames written\n");
}

static void test_bytes(void **state)
{
	static const struct {
		__u64 bytes;
		const char *text;
	} cases[] = {
		{ 0, "(0 bytes)" },	  { 999, "(999 bytes)" }, { 1000, "(1.0 kB)" },
		{ 999949, "(999.9 kB)" }, { 999950, "(1.0 MB)" }, { 1500000000, "(1.5 GB)" },
		{ ~0ULL, "(18.4 EB)" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct xdpdrop_stats stats = { .bytes = cases[i].bytes };

		rewind(report.stream);
		report_counters(&report, &stats);
		fflush(report.stream);
		assert_non_null(strstr(written, cases[i].text));
	}
}

/* The counter line is replaced at most four times a second, and gone before a message. */
static void test_live(void **state)
{
	struct xdpdrop_stats stats = { .seen = 10, .bytes = 600, .captured = 10 };

	(void)state;
	report_live(&report, &stats, 1000);
	stats.seen = 1;
	report_live(&report, &stats, 1249);
	report_live(&report, &stats, 1250);
	report_message(&report, XDPDROP_LOG_INFO, "x");
	report_hide_live(&report);
	assert_written("\r10 frames seen (600 bytes), 10 captured, 0 lost"
		       "\r1 frame seen (600 bytes), 10 captured, 0 lost  "
		       "\r                                             \rtool: x\n");
}

static void test_not_live(void **state)
{
	const struct xdpdrop_stats stats = { .seen = 1 };

	(void)state;
	report.live = false;
	report_live(&report, &stats, 1000);
	assert_written("");
}

static void test_text_clean(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{ "", "" },
		{ "eth0", "eth0" },
		{ "a\x1b]0;x\x07", "a?]0;x?" },
		{ "\x7f\r\n\t", "????" },
		{ "caf\xc3\xa9 \xe2\x80\x9b", "caf\xc3\xa9 \xe2\x80\x9b" },
		{ "\xc2\x9b[31m", "??[31m" },
		{ "\x9b[31m", "?[31m" },
		{ "\xc2\xa0", "\xc2\xa0" },
	};
	char text[32];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		strcpy(text, cases[i].in);
		assert_string_equal(text_clean(text), cases[i].out);
	}
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, begin, end)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_interval),
		TEST(test_interval_empty),
		TEST(test_listening),
		TEST(test_listening_with_history),
		TEST(test_listening_on_all),
		TEST(test_messages),
		TEST(test_summary),
		TEST(test_summary_of_all),
		TEST(test_bytes),
		TEST(test_live),
		TEST(test_not_live),
		cmocka_unit_test(test_text_clean),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

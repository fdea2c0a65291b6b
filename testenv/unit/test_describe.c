// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a session puts into a pcapng file besides records: names of capture points, and totals.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "api/describe.h"
#include "base/cleanup.h"

static struct xdpdrop_state cpu;
static struct xdpdrop *session;
static char file[65536];
static size_t size;
static int fd;

static void add_point(const struct xdpdrop_point *info)
{
	struct reasons reasons = { 0 };

	assert_int_equal(reasons_add(&reasons, 3, "BLOCKLIST"), 0);
	assert_true(points_add(&session->points, info, &reasons) >= 0);
}

static int setup(void **state)
{
	struct xdpdrop_output to = { .size = sizeof(to), .application = "test 1" };

	(void)state;
	memset(&cpu, 0, sizeof(cpu));
	session = calloc(1, sizeof(*session));
	to.fd = fd = memfd_create("describe", MFD_CLOEXEC);
	if (!session || fd < 0 || sink_set_output(&session->sink, &to))
		return -1;
	session->maps = CAPTURE_MAPS_NONE;
	session->maps.cpus = 1;
	session->maps.states = &cpu;
	session->opts.snaplen = 1000;
	session->opts.sample = 3;
	return describe_begin(session);
}

static int teardown(void **state)
{
	(void)state;
	sink_free(&session->sink);
	points_free(&session->points);
	free(session->before.rows.row);
	free(session);
	close(fd);
	return 0;
}

static void pass_lost(unsigned int point, unsigned int lost)
{
	const struct xdpdrop_record record = {
		.point = point, .lost = lost, .len = 60, .version = XDPDROP_RECORD_VERSION
	};

	assert_int_equal(sink_record(&session->sink, &record), 0);
}

static void finish(void)
{
	assert_int_equal(describe_end(session), 0);
	size = pread(fd, file, sizeof(file), 0);
}

static bool has(const char *text)
{
	return memmem(file, size, text, strlen(text));
}

/* Count @code of capture point @point in its statistics at the file's end. */
static __u64 statistic(__u32 point, __u16 code)
{
	__u32 block[3];

	for (size_t at = 0; at < size; at += block[1]) {
		memcpy(block, file + at, sizeof(block));
		if (block[0] != 5 || block[2] != point)
			continue;
		for (size_t option = at + 20;;) {
			__u16 head[2];
			__u64 value;

			memcpy(head, file + option, sizeof(head));
			memcpy(&value, file + option + 4, sizeof(value));
			if (head[0] == code || !head[0])
				return head[0] ? value : ~0ULL;
			option += 4 + (head[1] + 3) / 4 * 4;
		}
	}
	return ~0ULL;
}

static void the_header_has_the_application_and_the_limits(void **state)
{
	(void)state;
	finish();
	assert_true(has("test 1"));
	assert_true(has("sample 1 in 3"));
}

static void points_are_named_and_described(void **state)
{
	(void)state;
	add_point(&(struct xdpdrop_point){ .tap = "hook",
					   .ifname = "eth7",
					   .program_id = 1,
					   .hook_id = 5,
					   .program = "fw",
					   .hook = "h" });
	assert_int_equal(describe_points(session), 0);
	add_point(&(struct xdpdrop_point){
		.tap = "wrap", .ifname = "eth8", .program_id = 2, .program = "lb" });
	add_point(&(struct xdpdrop_point){
		.tap = "exception", .ifname = "eth9", .program = "exceptions" });
	finish();
	assert_true(has("eth7:fw:h"));
	assert_true(has("XDP program fw (id 1) on eth7, tap hook h (map id 5)"));
	assert_true(has("eth8:lb"));
	assert_true(has("XDP program lb (id 2) on eth8, tap wrap"));
	assert_true(has("eth9:exceptions"));
	assert_true(has("exceptions of XDP on eth9"));
}

/* No record is left to carry those. */
static void losses_after_the_last_record_are_in_the_statistics(void **state)
{
	(void)state;
	add_point(&(struct xdpdrop_point){ .program_id = 1 });
	add_point(&(struct xdpdrop_point){ .program_id = 2 });
	assert_int_equal(describe_points(session), 0);
	pass_lost(0, 5);
	cpu.counters[0] =
		(struct xdpdrop_counters){ .seen = 20, .filtered = 4, .lost = 15, .captured = 1 };
	cpu.counters[1] = (struct xdpdrop_counters){ .seen = 7, .lost = 7 };
	finish();
	assert_int_equal(statistic(0, 4), 20);
	assert_int_equal(statistic(0, 5), 15);
	assert_int_equal(statistic(0, 6), 16);
	assert_int_equal(statistic(0, 8), 1);
	assert_int_equal(statistic(1, 5), 7);
	assert_int_equal(statistic(1, 8), 0);
}

static void take_frames(void *data, const struct xdpdrop_reason_stats *row)
{
	*(__u64 *)data += row->frames;
}

/* The counters were not read at the instant at which the table of reasons was. */
static void frames_without_a_reason_do_not_get_less_than_none(void **state)
{
	const struct xdpdrop_reason_stats was = { .frames = 3, .bytes = 180, .captured = 3 },
					  is = { .frames = 2, .bytes = 120, .captured = 2 };
	CLEANUP_FREE struct counted *before = calloc(1, sizeof(*before));
	CLEANUP_FREE struct counted *now = calloc(1, sizeof(*now));
	__u64 frames = 0;

	(void)state;
	assert_true(before && now);
	before->rows = (struct counted_rows){ .row = malloc(sizeof(was)), .count = 1 };
	assert_non_null(before->rows.row);
	*before->rows.row = was;
	describe_set_before(session, before, 0);
	now->rows = (struct counted_rows){ .row = (struct xdpdrop_reason_stats *)&is, .count = 1 };
	describe_each_since(session, now, take_frames, &frames);
	assert_int_equal(frames, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_header_has_the_application_and_the_limits),
		TEST(points_are_named_and_described),
		TEST(losses_after_the_last_record_are_in_the_statistics),
		TEST(frames_without_a_reason_do_not_get_less_than_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

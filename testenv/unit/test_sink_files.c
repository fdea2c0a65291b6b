// SPDX-License-Identifier: GPL-2.0-only
/*
 * A series of files: between which records it is cut, and that each file stands alone.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "output/sink.h"

#define BYTES 60
#define SECOND 1000000000ULL
#define MOST 8

static struct points points;
static struct sink sink;
static int files[MOST]; /* copies of the descriptors that the sink gets */
static enum rotation_cut cuts[MOST];
static unsigned int opened, ended;
static int refusal;   /* of the next file */
static int end_error; /* of the totals */

static int next_file(void *data, enum rotation_cut cut, __u64 start)
{
	int fd = refusal ? refusal : memfd_create("file", MFD_CLOEXEC);

	(void)data;
	if (fd < 0)
		return fd;
	assert_true(opened < MOST);
	assert_int_equal(start, sink.files.rotation.start / SECOND);
	cuts[opened] = cut;
	files[opened++] = dup(fd);
	return fd;
}

static int end_file(void *data)
{
	(void)data;
	ended++;
	return end_error;
}

static int describe(void *data, struct sink *to, unsigned int index,
		    const struct xdpdrop_point *info)
{
	const struct writer_interface interface = { .name = info->ifname, .snaplen = 65535 };

	(void)data, (void)index;
	return sink_put_interface(to, &interface);
}

static void add_point(const char *ifname, bool gone)
{
	struct xdpdrop_point info = { .tap = "hook", .ifindex = points.count };
	int index;

	strcpy(info.ifname, ifname);
	index = points_add(&points, &info, NULL);
	assert_true(index >= 0);
	points.point[index].info.gone = gone;
}

static int setup(void **state)
{
	const struct xdpdrop_files asked = { .size = sizeof(asked) };
	const struct xdpdrop_output output = { .size = sizeof(output), .fd = -1, .files = &asked };

	(void)state;
	memset(&points, 0, sizeof(points));
	memset(&sink, 0, sizeof(sink));
	opened = ended = refusal = end_error = 0;
	sink.files = (struct sink_files){ .next = next_file, .end = end_file };
	sink.describe = describe;
	if (sink_set_output(&sink, &output))
		return -1;
	add_point("eth7", false);
	return sink_begin(&sink, &points, 65535, "");
}

static int teardown(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < opened; i++)
		close(files[i]);
	sink_free(&sink);
	points_free(&points);
	return 0;
}

/* A record of @seconds after the capture's begin. */
static int pass(__u8 point, unsigned int seconds)
{
	static struct {
		struct xdpdrop_record record;
		char bytes[BYTES];
	} frame;

	frame.record = (struct xdpdrop_record){
		.timestamp = sink.start + seconds * SECOND - sink.clock.offset,
		.version = XDPDROP_RECORD_VERSION,
		.len = BYTES,
		.caplen = BYTES,
		.action = 1,
		.point = point,
	};
	return sink_record(&sink, &frame.record);
}

/* The number of blocks of @type in a file, which consists of whole blocks. */
static unsigned int blocks(unsigned int file, __u32 type)
{
	off_t end = lseek(files[file], 0, SEEK_END), at = 0;
	unsigned int count = 0;
	__u32 block[2];

	for (; at < end; at += block[1]) {
		assert_int_equal(pread(files[file], block, sizeof(block), at), sizeof(block));
		count += block[0] == type;
	}
	assert_int_equal(at, end);
	return count;
}

static void assert_file(unsigned int file, unsigned int interfaces, unsigned int packets)
{
	assert_int_equal(blocks(file, 0x0a0d0d0a), 1);
	assert_int_equal(blocks(file, 1), interfaces);
	assert_int_equal(blocks(file, 6), packets);
}

static void a_record_that_finds_a_large_file_begins_the_next(void **state)
{
	(void)state;
	sink.files.rotation.bytes = 1;
	assert_int_equal(sink_begin_files(&sink), 0);
	assert_int_equal(pass(0, 0), 0);
	assert_int_equal(pass(0, 0), 0);
	assert_int_equal(sink_finish(&sink), 0);
	assert_int_equal(opened, 3);
	assert_int_equal(ended, 2);
	assert_int_equal(cuts[0], ROTATION_PERIOD);
	assert_int_equal(cuts[1], ROTATION_FILE);
	assert_file(0, 1, 0);
	assert_file(1, 1, 1);
	assert_file(2, 1, 1);
	assert_int_equal(sink.out.written, 2);
}

static void a_file_has_no_record_of_another_period(void **state)
{
	(void)state;
	sink.files.rotation.period = 10 * SECOND;
	assert_int_equal(sink_begin_files(&sink), 0);
	assert_int_equal(pass(0, 1), 0);
	assert_int_equal(pass(0, 15), 0);
	assert_int_equal(sink_tick(&sink, sink.start + 35 * SECOND - sink.clock.offset), 0);
	assert_int_equal(sink_finish(&sink), 0);
	assert_int_equal(opened, 3);
	assert_file(0, 1, 1);
	assert_file(1, 1, 1);
	assert_file(2, 1, 0);
}

static void the_last_period_ends_the_series(void **state)
{
	struct xdpdrop_stats stats = { 0 };

	(void)state;
	sink.files.rotation.period = 10 * SECOND;
	sink.files.rotation.periods = 1;
	assert_int_equal(sink_begin_files(&sink), 0);
	assert_int_equal(pass(0, 1), 0);
	assert_int_equal(pass(0, 15), -ENODATA);
	assert_int_equal(pass(0, 15), 0);
	assert_int_equal(sink_finish(&sink), 0);
	sink_count(&sink, &stats);
	assert_int_equal(stats.written, 1);
	assert_int_equal(stats.over_limit, 2);
	assert_int_equal(stats.files, 1);
}

/* One that is gone is in a file only for its records. */
static void a_file_has_the_interfaces_of_its_records(void **state)
{
	(void)state;
	sink.files.rotation.bytes = 1;
	add_point("eth8", true);
	assert_int_equal(sink_begin_files(&sink), 0);
	assert_int_equal(pass(1, 0), 0);
	assert_int_equal(pass(0, 0), 0);
	assert_int_equal(sink_finish(&sink), 0);
	assert_file(0, 1, 0);
	assert_file(1, 2, 1);
	assert_file(2, 1, 1);
}

static void records_without_a_next_file_have_failed(void **state)
{
	struct xdpdrop_stats stats = { 0 };

	(void)state;
	sink.files.rotation.bytes = 1;
	assert_int_equal(sink_begin_files(&sink), 0);
	refusal = -ENOSPC;
	assert_int_equal(pass(0, 0), -ENOSPC);
	assert_int_equal(pass(0, 0), -ENOSPC);
	assert_int_equal(sink_finish(&sink), -ENOSPC);
	sink_count(&sink, &stats);
	assert_int_equal(stats.written, 0);
	assert_int_equal(stats.write_failed, 2);
	assert_file(0, 1, 0);
}

/* Those before the error are in the file, those after it in none. */
static void records_of_a_file_without_totals_are_written(void **state)
{
	struct xdpdrop_stats stats = { 0 };

	(void)state;
	sink.files.rotation.period = 10 * SECOND;
	assert_int_equal(sink_begin_files(&sink), 0);
	assert_int_equal(pass(0, 1), 0);
	end_error = -ENOMEM;
	assert_int_equal(pass(0, 15), -ENOMEM);
	assert_int_equal(sink_finish(&sink), -ENOMEM);
	sink_count(&sink, &stats);
	assert_int_equal(stats.written, 1);
	assert_int_equal(stats.write_failed, 1);
	assert_file(0, 1, 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_record_that_finds_a_large_file_begins_the_next),
		TEST(a_file_has_no_record_of_another_period),
		TEST(the_last_period_ends_the_series),
		TEST(a_file_has_the_interfaces_of_its_records),
		TEST(records_without_a_next_file_have_failed),
		TEST(records_of_a_file_without_totals_are_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

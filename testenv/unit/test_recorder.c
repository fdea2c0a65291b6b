// SPDX-License-Identifier: GPL-2.0-only
/*
 * The sink with a recorder: files begin with what was kept and go on, have the interfaces of their
 * frames under numbers of their own, and each record is counted once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "output/sink.h"

#define BYTES 60
#define MOST_BYTES 2000
#define SECOND 1000000000ULL
#define MOST 8
#define PACKET 6
#define INTERFACE 1

static struct points points;
static struct sink sink;
static int files[MOST]; /* copies of the descriptors that the sink gets */
static unsigned int opened, ended;
static int refusal; /* of the next file */
static __u64 passed;

static int next_file(void *data, enum rotation_cut cut, __u64 start)
{
	int fd = refusal ? refusal : memfd_create("file", MFD_CLOEXEC);

	(void)data, (void)start;
	assert_int_equal(cut, ROTATION_EVENT);
	if (fd < 0)
		return fd;
	assert_true(opened < MOST);
	files[opened++] = dup(fd);
	return fd;
}

static int end_file(void *data)
{
	(void)data;
	ended++;
	return 0;
}

static int describe(void *data, struct sink *to, unsigned int index,
		    const struct xdpdrop_point *info)
{
	char name[32];
	const struct writer_interface interface = { .name = name, .snaplen = 65535 };

	(void)data, (void)index;
	snprintf(name, sizeof(name), "%s-%u", info->ifname, info->program_id);
	return sink_put_interface(to, &interface);
}

static void add_point(const char *ifname)
{
	struct xdpdrop_point info = { .tap = "hook", .ifindex = points.count };

	strcpy(info.ifname, ifname);
	assert_true(points_add(&points, &info, NULL) >= 0);
}

static int setup_as(enum xdpdrop_format format)
{
	const struct xdpdrop_files asked = { .size = sizeof(asked) };
	const struct xdpdrop_output output = {
		.size = sizeof(output), .fd = -1, .files = &asked, .format = format
	};

	memset(&points, 0, sizeof(points));
	memset(&sink, 0, sizeof(sink));
	opened = ended = refusal = 0;
	passed = 0;
	sink.files = (struct sink_files){ .next = next_file, .end = end_file };
	sink.describe = describe;
	if (sink_set_output(&sink, &output) || recorder_new(&sink.recorder, 64 * 1024))
		return -1;
	add_point("eth7");
	return sink_begin(&sink, &points, 65535, "") || sink_begin_files(&sink);
}

static int setup(void **state)
{
	(void)state;
	return setup_as(XDPDROP_PCAPNG);
}

static int setup_pcap(void **state)
{
	(void)state;
	return setup_as(XDPDROP_PCAP);
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

/* A record of the time that a program with this capture point ran. */
static int pass_at(__u8 point, __u32 reason, __u64 time)
{
	static struct {
		struct xdpdrop_record record;
		char bytes[BYTES];
	} frame;

	passed++;
	frame.record = (struct xdpdrop_record){
		.timestamp = time,
		.version = XDPDROP_RECORD_VERSION,
		.len = BYTES,
		.caplen = BYTES,
		.action = 1,
		.point = point,
		.reason = reason,
	};
	return sink_record(&sink, &frame.record);
}

static int pass(__u8 point, __u32 reason)
{
	return pass_at(point, reason, passed + 1);
}

/* With other bytes than a frame of another length. */
static int pass_long(__u32 size)
{
	static struct {
		struct xdpdrop_record record;
		unsigned char bytes[MOST_BYTES];
	} frame;

	passed++;
	frame.record = (struct xdpdrop_record){
		.timestamp = passed,
		.version = XDPDROP_RECORD_VERSION,
		.len = size,
		.caplen = size,
		.action = 1,
		.reason = size % 2,
	};
	memset(frame.bytes, (int)(size * 7), size);
	return sink_record(&sink, &frame.record);
}

static void assert_long(unsigned int file, off_t at, __u32 size)
{
	unsigned char expected[MOST_BYTES], bytes[MOST_BYTES];
	__u32 head[7];

	assert_int_equal(pread(files[file], head, sizeof(head), at), sizeof(head));
	assert_int_equal(head[5], size);
	memset(expected, (int)(size * 7), size);
	assert_int_equal(pread(files[file], bytes, size, at + sizeof(head)), size);
	assert_memory_equal(bytes, expected, size);
}

/* The number of blocks of @type in a file, which consists of whole blocks. */
static unsigned int blocks(unsigned int file, __u32 type, __u32 *third)
{
	off_t end = lseek(files[file], 0, SEEK_END), at = 0;
	unsigned int count = 0;
	__u32 block[3];

	for (; at < end; at += block[1]) {
		assert_int_equal(pread(files[file], block, sizeof(block), at), sizeof(block));
		if (block[0] == type && third)
			third[count] = block[2];
		count += block[0] == type;
	}
	assert_int_equal(at, end);
	return count;
}

static struct xdpdrop_stats stats(void)
{
	struct xdpdrop_stats counted = { 0 };

	sink_count(&sink, &counted);
	assert_int_equal(passed, counted.written + counted.write_failed + counted.over_limit +
					 counted.forgotten + counted.kept + sink.out.pending);
	return counted;
}

static int begin(void)
{
	return sink_begin_snapshot(&sink, SECOND, "because");
}

static void nothing_is_written_without_an_event(void **state)
{
	(void)state;
	for (int i = 0; i < 5000; i++)
		assert_int_equal(pass(0, 1), 0);
	assert_int_equal(sink_flush(&sink, false), 0);
	assert_int_equal(opened, 0);
	assert_false(sink_takes_counts(&sink));
	assert_true(stats().forgotten > 1000);
	assert_true(stats().kept > 50);
	assert_int_equal(sink_finish(&sink), 0);
}

static void a_file_has_what_was_kept_and_goes_on(void **state)
{
	(void)state;
	for (int i = 0; i < 20; i++)
		assert_int_equal(pass(0, 1), 0);
	assert_int_equal(begin(), 0);
	for (int i = 0; i < 5; i++)
		assert_int_equal(pass(0, 1), 0);
	assert_true(sink_takes_counts(&sink));
	assert_int_equal(sink_end_snapshot(&sink), 0);
	for (int i = 0; i < 3; i++)
		assert_int_equal(pass(0, 1), 0);
	assert_int_equal(blocks(0, PACKET, NULL), 25);
	assert_int_equal(blocks(0, INTERFACE, NULL), 1);
	assert_int_equal(ended, 1);
	assert_int_equal(stats().written, 25);
	assert_int_equal(stats().kept, 3);
	assert_int_equal(points.point[0].use[0].delivered, 25);
	/* no frame is in two files */
	assert_int_equal(begin(), 0);
	assert_int_equal(sink_end_snapshot(&sink), 0);
	assert_int_equal(blocks(1, PACKET, NULL), 3);
	assert_int_equal(stats().files, 2);
}

/* Those that fit into a cell and longer ones, kept and passed on. */
static void frames_of_any_length_are_whole(void **state)
{
	__u32 block[2], size = 1;

	(void)state;
	for (; size < 1000; size += 37)
		assert_int_equal(pass_long(size), 0);
	assert_int_equal(begin(), 0);
	for (; size < MOST_BYTES; size += 37)
		assert_int_equal(pass_long(size), 0);
	assert_int_equal(sink_end_snapshot(&sink), 0);
	assert_int_equal(stats().forgotten, 0);
	size = 1;
	for (off_t at = 0; pread(files[0], block, sizeof(block), at) > 0; at += block[1]) {
		if (block[0] != PACKET)
			continue;
		assert_long(0, at, size);
		size += 37;
	}
	assert_true(size >= MOST_BYTES);
}

/* The second file's first interface is the first one's second. */
static void interfaces_have_numbers_of_their_file(void **state)
{
	__u32 numbers[8];

	(void)state;
	add_point("eth8");
	assert_int_equal(pass(0, 1), 0);
	assert_int_equal(pass(1, 1), 0);
	assert_int_equal(begin(), 0);
	assert_int_equal(sink_end_snapshot(&sink), 0);
	assert_int_equal(blocks(0, INTERFACE, NULL), 2);
	assert_int_equal(blocks(0, PACKET, numbers), 2);
	assert_int_equal(numbers[0], 0);
	assert_int_equal(numbers[1], 1);
	points.point[0].info.gone = true;
	assert_int_equal(pass(1, 1), 0);
	assert_int_equal(begin(), 0);
	assert_int_equal(pass(0, 1), 0);
	assert_int_equal(sink_end_snapshot(&sink), 0);
	assert_int_equal(blocks(1, INTERFACE, NULL), 2);
	assert_int_equal(blocks(1, PACKET, numbers), 2);
	assert_int_equal(numbers[0], 0);
	assert_int_equal(numbers[1], 1);
}

/* Each program has an interface of its own, and thousands come and go. */
static void interfaces_of_forgotten_frames_are_forgotten(void **state)
{
	struct xdpdrop_point info = points.point[0].info;
	__u32 numbers[4096];
	unsigned int packets;

	(void)state;
	for (unsigned int id = 1; id <= 5000; id++) {
		info.program_id = id;
		assert_int_equal(points_put(&points, 0, &info, passed + 1), 0);
		assert_int_equal(pass(0, 1), 0);
		points_forget(&points, passed);
	}
	assert_true(sink.recorder->interfaces.count < 2000);
	assert_int_equal(begin(), 0);
	assert_int_equal(sink_end_snapshot(&sink), 0);
	packets = blocks(0, PACKET, numbers);
	assert_true(packets > 50 && packets < 4096);
	assert_int_equal(blocks(0, INTERFACE, NULL), packets);
	/* the interface of the last program is there before all others, as it is open */
	for (unsigned int i = 0; i + 1 < packets; i++)
		assert_int_equal(numbers[i], i + 1);
	assert_int_equal(numbers[packets - 1], 0);
	stats();
}

static void frames_of_a_file_that_fails_are_counted(void **state)
{
	(void)state;
	for (int i = 0; i < 20; i++)
		assert_int_equal(pass(0, 1), 0);
	refusal = -ENOSPC;
	assert_int_equal(begin(), -ENOSPC);
	assert_int_equal(pass(0, 1), 0);
	history_clear(&sink.recorder->history);
	assert_int_equal(stats().forgotten, 21);
}

static void a_file_that_becomes_unwritable_keeps_the_sums(void **state)
{
	(void)state;
	assert_int_equal(begin(), 0);
	assert_int_equal(pass(0, 1), 0);
	sink.out.error = -EIO;
	assert_int_equal(pass(0, 1), -EIO);
	sink_finish(&sink);
	assert_int_equal(stats().write_failed, 1);
}

static void pcap_has_what_was_kept(void **state)
{
	(void)state;
	for (int i = 0; i < 20; i++)
		assert_int_equal(pass(0, 1), 0);
	assert_int_equal(begin(), 0);
	assert_int_equal(sink_end_snapshot(&sink), 0);
	assert_int_equal(lseek(files[0], 0, SEEK_END), 24 + 20 * (16 + BYTES));
	assert_int_equal(stats().written, 20);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(nothing_is_written_without_an_event),
		TEST(a_file_has_what_was_kept_and_goes_on),
		TEST(frames_of_any_length_are_whole),
		TEST(interfaces_have_numbers_of_their_file),
		TEST(interfaces_of_forgotten_frames_are_forgotten),
		TEST(frames_of_a_file_that_fails_are_counted),
		TEST(a_file_that_becomes_unwritable_keeps_the_sums),
		cmocka_unit_test_setup_teardown(pcap_has_what_was_kept, setup_pcap, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Frames of xdpdrop-replay in a row: those that a pipe has, each with its own bytes and words.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "replay/replay_batch.h"

#define FRAME_BYTES 4
#define FILE_HEADER 24
#define FRAME_HEADER 16

static struct replay_reader reader;
static struct replay_batch batch;
static int input[2];

static void put(const void *data, size_t bytes)
{
	assert_int_equal(write(input[1], data, bytes), bytes);
}

static void put_frame(const char *bytes)
{
	const __u32 header[] = { 0, 0, FRAME_BYTES, FRAME_BYTES };

	_Static_assert(sizeof(header) == FRAME_HEADER, "header of a frame");
	put(header, sizeof(header));
	put(bytes, FRAME_BYTES);
}

static void put_pcap(void)
{
	const __u32 header[] = { 0xa1b2c3d4, 4 << 16 | 2, 0, 0, 65535, 1 };

	_Static_assert(sizeof(header) == FILE_HEADER, "header of a file");
	put(header, sizeof(header));
}

static int begin(void **state)
{
	(void)state;
	return pipe(input);
}

static int end(void **state)
{
	(void)state;
	replay_reader_close(&reader);
	close(input[0]);
	return 0;
}

static void open_reader(void)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", input[0]);
	assert_int_equal(replay_reader_open(&reader, path), 0);
}

static void assert_frames(const char *const *bytes, unsigned int count)
{
	assert_int_equal(batch.count, count);
	for (unsigned int i = 0; i < count; i++)
		assert_memory_equal(batch.item[i].packet.frame.data, bytes[i], FRAME_BYTES);
}

/* The writer has not closed the pipe: to wait for a full batch would be to wait forever. */
static void test_what_a_pipe_has(void **state)
{
	static const char *const first[] = { "1111", "2222" }, *const second[] = { "3333" };
	const __u32 header[] = { 0, 0, FRAME_BYTES, FRAME_BYTES };

	(void)state;
	put_pcap();
	put_frame("1111");
	put_frame("2222");
	put(header, sizeof(header)); /* of a frame whose bytes come later */
	open_reader();
	assert_int_equal(replay_batch_read(&batch, &reader, REPLAY_BATCH, false), 1);
	assert_frames(first, 2);
	put("3333", FRAME_BYTES);
	assert_int_equal(replay_batch_read(&batch, &reader, REPLAY_BATCH, false), 1);
	assert_frames(second, 1);
	assert_int_equal(batch.item[0].packet.number, 3);
	close(input[1]);
	assert_int_equal(replay_batch_read(&batch, &reader, REPLAY_BATCH, false), 0);
	assert_frames(NULL, 0);
}

static void test_no_more_than_wanted(void **state)
{
	static const char *const frames[] = { "1111", "2222", "3333" };

	(void)state;
	put_pcap();
	for (unsigned int i = 0; i < 3; i++)
		put_frame(frames[i]);
	close(input[1]);
	open_reader();
	assert_int_equal(replay_batch_read(&batch, &reader, 2, false), 1);
	assert_frames(frames, 2);
	assert_int_equal(replay_batch_read(&batch, &reader, 2, false), 1);
	assert_frames(frames + 2, 1);
	assert_int_equal(replay_batch_read(&batch, &reader, 2, false), 0);
}

/* Other threads run them while the next ones are read. */
static void test_kept_while_others_are_read(void **state)
{
	static struct replay_batch next;
	static const char *const frames[] = { "1111", "2222" };

	(void)state;
	put_pcap();
	put_frame("1111");
	put_frame("2222");
	open_reader();
	assert_int_equal(replay_batch_read(&batch, &reader, REPLAY_BATCH, true), 1);
	put_frame("3333");
	put_frame("4444");
	close(input[1]);
	assert_int_equal(replay_batch_read(&next, &reader, REPLAY_BATCH, true), 1);
	assert_int_equal(next.count, 2);
	assert_frames(frames, 2);
}

/* Frames before the damage are to be run. */
static void test_damage_within_a_batch(void **state)
{
	static const char *const frames[] = { "1111" };
	const __u32 damaged[] = { 0, 0, REPLAY_FRAME_MAX + 1, REPLAY_FRAME_MAX + 1 };

	(void)state;
	put_pcap();
	put_frame("1111");
	put(damaged, sizeof(damaged));
	close(input[1]);
	open_reader();
	assert_int_equal(replay_batch_read(&batch, &reader, REPLAY_BATCH, false), -EBADMSG);
	assert_frames(frames, 1);
	assert_string_equal(reader.why, "frame 2 claims to have 262145 bytes");
}

/* The same where the damage comes first in what is read after a batch. */
static void test_damage_after_a_batch(void **state)
{
	const __u32 damaged[] = { 0, 0, REPLAY_FRAME_MAX + 1, REPLAY_FRAME_MAX + 1 };

	(void)state;
	put_pcap();
	put_frame("1111");
	put(damaged, FRAME_HEADER / 2);
	open_reader();
	assert_int_equal(replay_batch_read(&batch, &reader, REPLAY_BATCH, false), 1);
	put((const char *)damaged + FRAME_HEADER / 2, FRAME_HEADER / 2);
	close(input[1]);
	assert_int_equal(replay_batch_read(&batch, &reader, REPLAY_BATCH, false), -EBADMSG);
	assert_frames(NULL, 0);
	assert_string_equal(reader.why, "frame 2 claims to have 262145 bytes");
}

static void put_pcapng(void)
{
	const __u32 section[] = { 0x0a0d0d0a, 28, 0x1a2b3c4d, 1, 0xffffffff, 0xffffffff, 28 };
	__u32 interface[] = { 1, 32, 1, 0, 4 << 16 | 2, 0, 0, 32 };

	memcpy(&interface[5], "eth9", 4); /* if_name */
	put(section, sizeof(section));
	put(interface, sizeof(interface));
}

/* @comment: 4 bytes, or NULL */
static void put_packet(const char *bytes, const char *comment)
{
	__u32 size = 32 + FRAME_BYTES + (comment ? 12 : 0);
	const __u32 start[] = { 6, size, 0, 0, 0, FRAME_BYTES, FRAME_BYTES };
	const __u32 option = 4 << 16 | 1, no_option = 0;

	put(start, sizeof(start));
	put(bytes, FRAME_BYTES);
	if (comment) {
		put(&option, sizeof(option));
		put(comment, 4);
		put(&no_option, sizeof(no_option));
	}
	put(&size, sizeof(size));
}

static void test_words_of_each_frame(void **state)
{
	static const char *const frames[] = { "1111", "2222", "3333" };
	const struct replay_packet *packet[3];

	(void)state;
	put_pcapng();
	put_packet("1111", NULL);
	put_packet("2222", "ABCD");
	put_packet("3333", "EFGH");
	close(input[1]);
	open_reader();
	assert_int_equal(replay_batch_read(&batch, &reader, REPLAY_BATCH, false), 1);
	assert_frames(frames, 3);
	for (unsigned int i = 0; i < 3; i++) {
		packet[i] = &batch.item[i].packet;
		assert_string_equal(packet[i]->frame.ifname, "eth9");
	}
	assert_null(packet[0]->frame.comments);
	assert_string_equal(packet[1]->frame.comments[0], "ABCD");
	assert_null(packet[1]->frame.comments[1]);
	assert_string_equal(packet[2]->frame.comments[0], "EFGH");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_what_a_pipe_has, begin, end),
		cmocka_unit_test_setup_teardown(test_no_more_than_wanted, begin, end),
		cmocka_unit_test_setup_teardown(test_kept_while_others_are_read, begin, end),
		cmocka_unit_test_setup_teardown(test_damage_within_a_batch, begin, end),
		cmocka_unit_test_setup_teardown(test_damage_after_a_batch, begin, end),
		cmocka_unit_test_setup_teardown(test_words_of_each_frame, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

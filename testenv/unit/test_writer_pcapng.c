/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tests of the pcapng writer: exact bytes of a whole file, padding, and texts from outside.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <endian.h>
#include <errno.h>
#include <stdlib.h>

#include "between.h"
#include "golden.h"
#include "samples.h"

#define PACKET_SIZE 28	/* of a packet's block, up to the frame */
#define OPTIONS_SIZE 44 /* options that each packet has */
#define END_SIZE 8	/* opt_endofopt, and the length again */

static int setup(void **state)
{
	static struct buffer out;

	*state = memset(&out, 0, sizeof(out));
	return buffer_init(&out, -1, 256 * 1024);
}

static int teardown(void **state)
{
	buffer_free(*state);
	return 0;
}

static __u16 u16_at(const struct buffer *out, size_t at)
{
	__u16 value;

	assert_between(at + sizeof(value), 1, out->used);
	memcpy(&value, out->data + at, sizeof(value));
	return value;
}

static __u32 u32_at(const struct buffer *out, size_t at)
{
	__u32 value;

	assert_between(at + sizeof(value), 1, out->used);
	memcpy(&value, out->data + at, sizeof(value));
	return value;
}

static void whole_file(void **state)
{
	struct writer_file file = { .hardware = "x86_64",
				    .os = "Linux 6.1.0",
				    .application = "xdpdrop 0.1.0",
				    .comment = "sample 1 in 100",
				    .snaplen = 65535 };
	struct writer_interface first = { .name = "eth0",
					  .link_type = 1,
					  .description = "hook fw_hook",
					  .snaplen = 65535,
					  .speed = 10000000000 };
	struct writer_interface second = { .name = "eth1", .snaplen = 65535, .link_type = 1 };
	static const char *const comments[] = { "left out: 3 by the filter", "BLOCKLIST: 9 frames",
						NULL };
	struct writer_counts first_counts = { .start = 1700000000000000000,
					      .end = 1700000010000000000,
					      .received = 12,
					      .dropped = 3,
					      .accepted = 11,
					      .delivered = 2 };
	struct writer_counts second_counts = { .start = 1700000000000000001,
					       .end = 1700000010000000001,
					       .received = (1ULL << 32) + 6,
					       .dropped = 5,
					       .accepted = (1ULL << 32) + 6,
					       .delivered = 1,
					       .comments = comments };
	struct buffer *out = *state;

	if (__BYTE_ORDER != __LITTLE_ENDIAN)
		skip();
	assert_int_equal(writer_pcapng.begin(out, &file), 0);
	assert_int_equal(writer_pcapng.interface(out, &first), 0);
	assert_int_equal(writer_pcapng.interface(out, &second), 0);
	assert_int_equal(samples_write(&writer_pcapng, out, &file), 0);
	assert_int_equal(writer_pcapng.counts(out, 0, &first_counts), 0);
	assert_int_equal(writer_pcapng.counts(out, 1, &second_counts), 0);
	assert_golden("pcapng.hex", out->data, out->used);
	assert_int_equal(out->pending, SAMPLES);
	assert_string_equal(writer_pcapng.name, "pcapng");
}

static void what_is_not_known_is_left_out(void **state)
{
	static const unsigned char options[] = { 9, 0, 1, 0, 9, 0, 0, 0, 0, 0, 0, 0 };
	struct writer_interface interface = { .name = "" };
	struct writer_file file = { .snaplen = 0 };
	struct buffer *out = *state;

	if (__BYTE_ORDER != __LITTLE_ENDIAN)
		skip();
	writer_pcapng.begin(out, &file);
	assert_int_equal(out->used, 24 + END_SIZE);
	out->used = 0;
	writer_pcapng.interface(out, &interface);
	assert_int_equal(out->used, 16 + sizeof(options) + 4);
	assert_memory_equal(out->data + 16, options, sizeof(options));
}

/* Blocks are multiples of 4 bytes, padding is zero, and both lengths agree. */
static void frames_are_padded(void **state)
{
	const struct writer_packet packet = { .data = "\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa" };
	struct writer_file file = { .snaplen = 0 };
	struct buffer *out = *state;

	for (__u32 caplen = 0; caplen <= 9; caplen++) {
		size_t padded = (caplen + 3) / 4 * 4;
		size_t size = PACKET_SIZE + padded + OPTIONS_SIZE + END_SIZE;
		const struct xdpdrop_record record = { .len = 100, .caplen = caplen };

		memset(out->data, 0x55, 256);
		out->used = 0;
		assert_int_equal(writer_pcapng.packet(out, &file, &record, &packet), 0);
		assert_int_equal(out->used, size);
		assert_int_equal(u32_at(out, 4), size);
		assert_int_equal(u32_at(out, size - 4), size);
		assert_int_equal(u32_at(out, 20), caplen);
		for (size_t i = 0; i < padded; i++)
			assert_int_equal((unsigned char)out->data[PACKET_SIZE + i],
					 i < caplen ? 0xaa : 0);
		assert_int_equal(u16_at(out, PACKET_SIZE + padded), 2);
		assert_int_equal((unsigned char)out->data[size], 0x55);
	}
}

/* Write @packet, without bytes and with a comment; check what the comment became. */
static void check_packet(struct buffer *out, const struct writer_packet *packet,
			 const char *expected, size_t size)
{
	struct xdpdrop_record record = { .len = 60 };
	struct writer_file file = { .snaplen = 0 };
	size_t at = PACKET_SIZE + OPTIONS_SIZE, padded = (size + 3) / 4 * 4;

	memset(out->data, 0x55, out->size);
	out->used = 0;
	assert_int_equal(writer_pcapng.packet(out, &file, &record, packet), 0);
	assert_int_equal(out->used, at + 4 + padded + END_SIZE);
	assert_int_equal(u16_at(out, at), 1);
	assert_int_equal(u16_at(out, at + 2), size);
	assert_memory_equal(out->data + at + 4, expected, size);
	for (size_t i = size; i < padded; i++)
		assert_int_equal(out->data[at + 4 + i], 0);
	assert_int_equal(u32_at(out, at + 4 + padded), 0);
}

/* Cleaned by the writer, and before. */
static void check_comment(struct buffer *out, const char *comment, const char *expected,
			  size_t size)
{
	struct writer_packet packet = { .data = "", .sample = comment };
	char room[TEXT_MOST];

	check_packet(out, &packet, expected, size);
	memset(room, 0x55, sizeof(room));
	packet.sample = NULL;
	packet.reason = text_make_ready(room, comment);
	check_packet(out, &packet, expected, size);
}

static void comments_are_text(void **state)
{
	struct buffer *out = *state;

	check_comment(out, "x", "x", 1);
	check_comment(out, "abc", "abc", 3);
	check_comment(out, "abcd", "abcd", 4);
	check_comment(out, "abcde", "abcde", 5);
	check_comment(out, "a\nb\033[31m\x7f", "a?b?[31m?", 9);
	check_comment(out, "\xe2\x82\xac \xe2\x82", "\xe2\x82\xac ??", 6);
}

/* Cut at 4096 bytes, and there not in the middle of a character. */
static void long_comments_are_cut(void **state)
{
	char reason[5000];

	memset(reason, 'r', sizeof(reason));
	reason[sizeof(reason) - 1] = 0;
	check_comment(*state, reason, reason, 4096);
	reason[4094] = '\xe2';
	reason[4095] = '\x82';
	reason[4096] = '\xac';
	check_comment(*state, reason, reason, 4094);
	reason[4097] = 0;
	check_comment(*state, reason, reason, 4094);
	reason[4096] = 0;
	reason[4095] = 'r';
	reason[4094] = 'r';
	check_comment(*state, reason, reason, 4096);
}

static void the_longest_packet_fits_80_kib(void **state)
{
	static const char bytes[XDPDROP_MAX_CAPLEN];
	const struct xdpdrop_record record = { .len = ~0U, .caplen = XDPDROP_MAX_CAPLEN };
	struct writer_packet packet = {
		.data = bytes, .realtime = ~0ULL, .dropcount = ~0ULL, .id = ~0ULL
	};
	struct writer_file file = { .snaplen = 0 };
	struct buffer *out = *state;
	char reason[5000] = "", room[TEXT_MOST];

	memset(reason, 'r', sizeof(reason) - 1);
	packet.reason = text_make_ready(room, reason);
	assert_int_equal(writer_pcapng.packet(out, &file, &record, &packet), 0);
	assert_between(out->used, XDPDROP_MAX_CAPLEN, 80 * 1024);
}

static void only_packets_are_records(void **state)
{
	struct writer_interface interface = { .name = "eth0" };
	struct writer_counts counts = { .received = 1 };
	struct writer_file file = { .snaplen = 0 };
	struct xdpdrop_record record = { .len = 14 };
	struct writer_packet packet = { .data = "", .id = 1 };
	struct buffer *out = *state;
	size_t end = 0;

	writer_pcapng.begin(out, &file);
	writer_pcapng.interface(out, &interface);
	writer_pcapng.packet(out, &file, &record, &packet);
	writer_pcapng.counts(out, 0, &counts);
	assert_int_equal(out->blocks, 4);
	for (unsigned int i = 0; i < 4; i++) {
		assert_int_equal(out->block[i].is_record, i == 2);
		end += u32_at(out, end + 4);
		assert_int_equal(out->block[i].end, end);
	}
	assert_int_equal(end, out->used);
	assert_int_equal(out->pending, 1);
}

static void after_an_error_each_packet_counts_as_failed(void **state)
{
	struct writer_interface interface = { .name = "eth0" };
	struct writer_counts counts = { .received = 1 };
	struct writer_file file = { .snaplen = 0 };
	struct buffer *out = *state;

	out->error = -EPIPE;
	assert_int_equal(writer_pcapng.begin(out, &file), -EPIPE);
	assert_int_equal(writer_pcapng.interface(out, &interface), -EPIPE);
	assert_int_equal(samples_write(&writer_pcapng, out, &file), -EPIPE);
	assert_int_equal(writer_pcapng.counts(out, 0, &counts), -EPIPE);
	assert_int_equal(out->failed, SAMPLES);
	assert_int_equal(out->used, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(whole_file, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_not_known_is_left_out, setup, teardown),
		cmocka_unit_test_setup_teardown(frames_are_padded, setup, teardown),
		cmocka_unit_test_setup_teardown(comments_are_text, setup, teardown),
		cmocka_unit_test_setup_teardown(long_comments_are_cut, setup, teardown),
		cmocka_unit_test_setup_teardown(the_longest_packet_fits_80_kib, setup, teardown),
		cmocka_unit_test_setup_teardown(only_packets_are_records, setup, teardown),
		cmocka_unit_test_setup_teardown(after_an_error_each_packet_counts_as_failed, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

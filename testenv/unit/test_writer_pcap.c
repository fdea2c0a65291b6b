/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tests of the classic pcap writer: exact bytes, and finding records again in a buffer.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "golden.h"
#include "samples.h"

static int setup(void **state)
{
	static struct buffer out;

	*state = &out;
	return buffer_init(&out, -1, 4096, writer_pcap.unit);
}

static int teardown(void **state)
{
	buffer_free(*state);
	return 0;
}

static void check_golden(struct buffer *out, bool nanoseconds, const char *name)
{
	struct writer_file file = { .snaplen = 65535, .nanoseconds = nanoseconds };

	if (__BYTE_ORDER != __LITTLE_ENDIAN)
		skip();
	assert_int_equal(writer_pcap.begin(out, &file), 0);
	assert_int_equal(samples_write(&writer_pcap, out, &file), 0);
	assert_golden(name, out->data, out->used);
	assert_int_equal(out->pending, SAMPLES);
}

static void microseconds(void **state)
{
	check_golden(*state, false, "pcap_us.hex");
}

static void nanoseconds(void **state)
{
	check_golden(*state, true, "pcap_ns.hex");
}

static void the_format_has_no_interfaces_and_counts(void **state)
{
	(void)state;
	assert_null(writer_pcap.interface);
	assert_null(writer_pcap.counts);
	assert_string_equal(writer_pcap.name, "pcap");
}

static void units_walk_the_buffer(void **state)
{
	static const struct {
		size_t size;
		bool is_record;
	} expected[] = {
		{ 24, false },
		{ 16 + 42, true },
		{ 16 + 45, true },
		{ 16, true },
	};
	struct writer_file file = { .snaplen = 65535 };
	struct buffer *out = *state;
	size_t at = 0;

	writer_pcap.begin(out, &file);
	samples_write(&writer_pcap, out, &file);
	for (int i = 0; i < 4; i++) {
		bool is_record = !expected[i].is_record;

		assert_int_equal(writer_pcap.unit(out->data + at, &is_record), expected[i].size);
		assert_int_equal(is_record, expected[i].is_record);
		at += expected[i].size;
	}
	assert_int_equal(at, out->used);
}

/* Its seconds and fraction are a file header's magic number and version. */
static void a_record_is_not_taken_for_a_file_header(void **state)
{
	struct writer_file file = { .nanoseconds = true };
	struct xdpdrop_record record = { .len = 14 };
	struct writer_packet packet = { .realtime = 0xa1b2c3d4 * 1000000000ULL };
	struct buffer *out = *state;
	__u16 version[2] = { 2, 4 };
	__u32 fraction;
	bool is_record = false;

	memcpy(&fraction, version, sizeof(fraction));
	packet.realtime += fraction;
	assert_int_equal(writer_pcap.packet(out, &file, &record, &packet), 0);
	assert_int_equal(writer_pcap.unit(out->data, &is_record), 16);
	assert_true(is_record);
}

static void after_an_error_each_packet_counts_as_failed(void **state)
{
	struct writer_file file = { .snaplen = 65535 };
	struct buffer *out = *state;

	out->error = -ENOSPC;
	assert_int_equal(writer_pcap.begin(out, &file), -ENOSPC);
	assert_int_equal(samples_write(&writer_pcap, out, &file), -ENOSPC);
	assert_int_equal(out->failed, SAMPLES);
	assert_int_equal(out->used, 0);
	assert_int_equal(out->pending, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(microseconds, setup, teardown),
		cmocka_unit_test_setup_teardown(nanoseconds, setup, teardown),
		cmocka_unit_test(the_format_has_no_interfaces_and_counts),
		cmocka_unit_test_setup_teardown(units_walk_the_buffer, setup, teardown),
		cmocka_unit_test_setup_teardown(a_record_is_not_taken_for_a_file_header, setup,
						teardown),
		cmocka_unit_test_setup_teardown(after_an_error_each_packet_counts_as_failed, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

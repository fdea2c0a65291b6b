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

	*state = memset(&out, 0, sizeof(out));
	return buffer_init(&out, -1, 4096);
}

static int teardown(void **state)
{
	buffer_free(*state);
	return 0;
}

static void check_golden(struct buffer *out, bool nanoseconds, const char *name)
{
	struct writer_file file = { .snaplen = 65535, .link_type = 1, .nanoseconds = nanoseconds };

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

static void each_block_is_committed(void **state)
{
	static const struct buffer_block expected[] = {
		{ .end = 24, .is_record = false },
		{ .end = 24 + 16 + 42, .is_record = true },
		{ .end = 24 + 16 + 42 + 16 + 45, .is_record = true },
		{ .end = 24 + 16 + 42 + 16 + 45 + 16, .is_record = true },
	};
	struct writer_file file = { .snaplen = 65535 };
	struct buffer *out = *state;

	writer_pcap.begin(out, &file);
	samples_write(&writer_pcap, out, &file);
	assert_true(out->blocks >= 4);
	for (int i = 0; i < 4; i++) {
		assert_int_equal(out->block[i].end, expected[i].end);
		assert_int_equal(out->block[i].is_record, expected[i].is_record);
	}
	assert_int_equal(out->block[out->blocks - 1].end, out->used);
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
		cmocka_unit_test_setup_teardown(each_block_is_committed, setup, teardown),
		cmocka_unit_test_setup_teardown(after_an_error_each_packet_counts_as_failed, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Events, byte for byte: frames of all kinds, and names that come from anywhere.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "publish/event_line.h"

#define MOST 128 /* bytes of a frame */

static struct {
	struct xdpdrop_record record;
	__u8 data[MOST];
} frame;
static struct xdpdrop_point point;

static int setup(void **state)
{
	(void)state;
	memset(&frame, 0, sizeof(frame));
	point = (struct xdpdrop_point){ .ifname = "eth0", .program = "fw", .link_type = 1 };
	frame.record.action = 1;
	return 0;
}

static void put_frame(const void *data, __u16 size)
{
	memcpy(frame.data, data, size);
	frame.record.caplen = size;
	frame.record.len = 1514;
}

static void assert_line(const char *reason, const char *rule, __u64 realtime, const char *expected)
{
	struct event event = { .host = "web1",
			       .point = &point,
			       .record = &frame.record,
			       .realtime_ns = realtime,
			       .reason = reason,
			       .rule = rule };
	char text[2 * EVENT_LINE];
	FILE *stream = fmemopen(text, sizeof(text), "w");

	assert_non_null(stream);
	event_line(stream, &event);
	fclose(stream);
	assert_string_equal(text, expected);
}

static void test_udp(void **state)
{
	static const __u8 udp[] = "\2\2\2\2\2\2\4\4\4\4\4\4\x08\0\x45\0\0\x1c\0\0\0\0\x40\x11\0\0"
				  "\1\2\3\4\5\6\7\x08\x04\xd2\0\x35";

	(void)state;
	put_frame(udp, sizeof(udp) - 1);
	frame.record.reason = 7;
	frame.record.rule = ~0ULL;
	frame.record.sample = 400;
	assert_line("BLOCKLIST", "last", 1764285118000000042,
		    "{\"time\":\"2025-11-27T23:11:58.000000042Z\",\"host\":\"web1\","
		    "\"interface\":\"eth0\",\"program\":\"fw\",\"verdict\":\"drop\","
		    "\"reason\":\"BLOCKLIST\",\"reason_number\":7,\"rule\":18446744073709551615,"
		    "\"rule_name\":\"last\",\"ethertype\":2048,\"protocol\":17,"
		    "\"source\":\"1.2.3.4\",\"destination\":\"5.6.7.8\",\"source_port\":1234,"
		    "\"destination_port\":53,\"length\":1514,\"sample\":400}\n");
}

static void test_ip6(void **state)
{
	static const __u8 icmp[] = "\x60\0\0\0\0\x08\x3a\x40\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1"
				   "\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\2\x80\0\0\0\0\0\0\0";

	(void)state;
	point.link_type = 101;
	put_frame(icmp, sizeof(icmp) - 1);
	frame.record.action = 0;
	assert_line(NULL, NULL, 999999999,
		    "{\"time\":\"1970-01-01T00:00:00.999999999Z\",\"host\":\"web1\","
		    "\"interface\":\"eth0\",\"program\":\"fw\",\"verdict\":\"aborted\","
		    "\"reason\":null,\"reason_number\":null,\"rule\":null,\"rule_name\":null,"
		    "\"ethertype\":34525,\"protocol\":58,\"source\":\"2001:db8::1\","
		    "\"destination\":\"2001:db8::2\",\"source_port\":null,"
		    "\"destination_port\":null,\"length\":1514,\"sample\":1}\n");
}

static void test_nothing_known(void **state)
{
	(void)state;
	point.ifname[0] = point.program[0] = '\0';
	frame.record.action = 9;
	frame.record.flags = XDPDROP_F_INVALID_ACTION;
	assert_line(NULL, NULL, 0,
		    "{\"time\":\"1970-01-01T00:00:00.000000000Z\",\"host\":\"web1\","
		    "\"interface\":null,\"program\":null,\"verdict\":\"aborted\","
		    "\"reason\":null,\"reason_number\":null,\"rule\":null,\"rule_name\":null,"
		    "\"ethertype\":null,\"protocol\":null,\"source\":null,\"destination\":null,"
		    "\"source_port\":null,\"destination_port\":null,\"length\":0,\"sample\":1}\n");
}

static void test_hostile_names(void **state)
{
	(void)state;
	strcpy(point.ifname, "e\"\\\n\xff");
	strcpy(point.program, "\033[2J\x7f");
	assert_line("\xc3\xbc\xe2\x82", "\"", 0,
		    "{\"time\":\"1970-01-01T00:00:00.000000000Z\",\"host\":\"web1\","
		    "\"interface\":\"e\\\"\\\\\\u000a\\ufffd\",\"program\":\"\\u001b[2J\\u007f\","
		    "\"verdict\":\"drop\",\"reason\":\"\xc3\xbc\\ufffd\\ufffd\","
		    "\"reason_number\":null,\"rule\":null,\"rule_name\":\"\\\"\","
		    "\"ethertype\":null,\"protocol\":null,\"source\":null,\"destination\":null,"
		    "\"source_port\":null,\"destination_port\":null,\"length\":0,\"sample\":1}\n");
}

/* All names as long as they can be, and each byte of them escaped. */
static void test_longest(void **state)
{
	static char host[65], name[100000];
	struct event event = { .host = host,
			       .point = &point,
			       .record = &frame.record,
			       .realtime_ns = ~0ULL,
			       .reason = name,
			       .rule = name };
	char text[4 * EVENT_LINE];
	FILE *stream = fmemopen(text, sizeof(text), "w");

	(void)state;
	assert_non_null(stream);
	memset(host, 1, sizeof(host) - 1);
	memset(name, 1, sizeof(name) - 1);
	memset(point.ifname, 1, sizeof(point.ifname) - 1);
	memset(point.program, 1, sizeof(point.program) - 1);
	frame.record.reason = ~0U;
	frame.record.rule = ~0ULL;
	event_line(stream, &event);
	fclose(stream);
	assert_true(strlen(text) >= 3000 && strlen(text) <= EVENT_LINE);
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(test_udp), TEST(test_ip6),
					    TEST(test_nothing_known), TEST(test_hostile_names),
					    TEST(test_longest) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}

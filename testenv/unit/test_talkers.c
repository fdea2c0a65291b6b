// SPDX-License-Identifier: GPL-2.0-only
/*
 * Top talkers: their names, and which reasons are counted.
 */
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "count/talkers.h"

static struct talkers talkers;

static int begin(void **state)
{
	(void)state;
	return talkers_open(&talkers);
}

static int end(void **state)
{
	(void)state;
	talkers_close(&talkers);
	return 0;
}

static const struct dissected dns = {
	.ethertype = 0x0800,
	.protocol = IPPROTO_UDP,
	.has_protocol = true,
	.has_ports = true,
	.family = AF_INET,
	.source = { 198, 51, 100, 2 },
	.destination = { 203, 0, 113, 255 },
	.source_port = 40000,
	.destination_port = 53,
};

static void assert_first(const struct top *top, const char *name, __u64 count)
{
	struct top_entry entry;

	assert_int_equal(top_list(top, &entry, 1), 1);
	assert_string_equal(talkers_name(&entry).text, name);
	assert_int_equal(entry.count, count);
}

static void assert_names(const struct dissected *frame, const char *source, const char *destination,
			 const char *port)
{
	talkers_close(&talkers);
	assert_int_equal(talkers_open(&talkers), 0);
	talkers_add(&talkers, 0, 1, frame, 64);
	assert_first(&talkers.all[TALKERS_SOURCES], source, 64);
	assert_first(&talkers.all[TALKERS_DESTINATIONS], destination, 64);
	assert_first(&talkers.all[TALKERS_PORTS], port, 64);
}

static void test_names(void **state)
{
	struct dissected frame = dns;

	(void)state;
	assert_names(&dns, "198.51.100.2", "203.0.113.255", "udp/53");
	frame.protocol = IPPROTO_TCP;
	frame.destination_port = 65535;
	assert_names(&frame, "198.51.100.2", "203.0.113.255", "tcp/65535");
	frame.has_ports = false;
	frame.protocol = IPPROTO_ICMP;
	assert_names(&frame, "198.51.100.2", "203.0.113.255", "icmp");
	frame.protocol = 253;
	assert_names(&frame, "198.51.100.2", "203.0.113.255", "protocol 253");
	frame = (struct dissected){ .ethertype = 0x86dd,
				    .family = AF_INET6,
				    .source = { 0x20, 1, 0xd, 0xb8, [15] = 1 },
				    .protocol = IPPROTO_ICMPV6,
				    .has_protocol = true };
	assert_names(&frame, "2001:db8::1", "::", "icmp6");
	frame = (struct dissected){ .ethertype = 0x0806 };
	assert_names(&frame, "arp", "arp", "arp");
	frame.ethertype = 0x88cc;
	assert_names(&frame, "ethertype 0x88cc", "ethertype 0x88cc", "ethertype 0x88cc");
	frame.ethertype = 0;
	assert_names(&frame, "unknown", "unknown", "unknown");
}

static void test_reasons(void **state)
{
	struct dissected other = dns;

	(void)state;
	other.source[3] = 9;
	talkers_add(&talkers, 0, 1, &dns, 5);
	talkers_add(&talkers, 0, 2, &other, 7);
	talkers_add(&talkers, 1, 1, &other, 1);
	assert_first(&talkers.all[TALKERS_SOURCES], "198.51.100.9", 8);
	assert_first(talkers_of(&talkers, TALKERS_SOURCES, 0, 1), "198.51.100.2", 5);
	assert_first(talkers_of(&talkers, TALKERS_SOURCES, 0, 2), "198.51.100.9", 7);
	assert_first(talkers_of(&talkers, TALKERS_SOURCES, 1, 1), "198.51.100.9", 1);
	assert_int_equal(talkers.frames, 3);
}

/* Those beyond the memory are counted one at a time, from when they are asked for. */
static void test_many_reasons(void **state)
{
	(void)state;
	for (unsigned int round = 0; round < 2; round++)
		for (unsigned int reason = 0; reason < 100; reason++)
			talkers_add(&talkers, 0, reason, &dns, 1);
	assert_int_equal(talkers.all[TALKERS_PORTS].total, 200);
	assert_int_equal(talkers_of(&talkers, TALKERS_PORTS, 0, 0)->total, 2);
	assert_int_equal(talkers_of(&talkers, TALKERS_PORTS, 0, 30)->total, 2);
	assert_int_equal(talkers_of(&talkers, TALKERS_PORTS, 0, 50)->total, 0);
	talkers_add(&talkers, 0, 50, &dns, 1);
	assert_int_equal(talkers_of(&talkers, TALKERS_PORTS, 0, 50)->total, 1);
	assert_int_equal(talkers_of(&talkers, TALKERS_PORTS, 0, 99)->total, 0);
	talkers_add(&talkers, 0, 50, &dns, 1);
	talkers_add(&talkers, 0, 99, &dns, 3);
	assert_first(talkers_of(&talkers, TALKERS_PORTS, 0, 99), "udp/53", 3);
	assert_int_equal(talkers_of(&talkers, TALKERS_PORTS, 0, 50)->total, 0);
	assert_int_equal(talkers_of(&talkers, TALKERS_PORTS, 0, 30)->total, 2);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, begin, end)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_names),
		TEST(test_reasons),
		TEST(test_many_reasons),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

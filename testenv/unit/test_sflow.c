// SPDX-License-Identifier: GPL-2.0-only
/*
 * sFlow datagrams: exact bytes, and what happens when one is full.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "golden.h"
#include "samples.h"
#include "sflow.h"

#define UPTIME 1000

static const struct xdpdrop_sflow_agent ip4 = {
	.size = sizeof(ip4),
	.family = AF_INET,
	.address = { 192, 0, 2, 1 },
	.sub_agent = 3,
};

static struct xdpdrop_sflow *encoder;

static void begin(const struct xdpdrop_sflow_agent *agent)
{
	assert_int_equal(xdpdrop_sflow_new(&encoder, agent), 0);
}

static int teardown(void **state)
{
	(void)state;
	xdpdrop_sflow_free(encoder);
	encoder = NULL;
	return 0;
}

static struct xdpdrop_record *record_of(const void *frame, __u16 caplen, __u32 len, __u32 ifindex)
{
	struct xdpdrop_record *record = calloc(1, sizeof(*record) + caplen);

	assert_non_null(record);
	record->caplen = caplen;
	record->len = len;
	record->ifindex = ifindex;
	memcpy(record->data, frame, caplen);
	return record;
}

/* A request for an address, in whole, from interface @ifindex. */
static int add_arp(__u32 ifindex)
{
	struct xdpdrop_record *record = record_of(sample_arp, 42, 42, ifindex);
	struct xdpdrop_sflow_drop drop = { .size = sizeof(drop),
					   .record = record,
					   .link_type = 1,
					   .program = "xdp_fw",
					   .reason = "blocklist",
					   .code = 258,
					   .pool = 3000,
					   .drops = 5 };
	int err;

	record->sample = 100;
	record->reason = 7;
	err = xdpdrop_sflow_add_drop(encoder, &drop);
	free(record);
	return err;
}

/* An IPv4 packet without an Ethernet header, cut, of a rule whose number is too large. */
static int add_ip4(void)
{
	struct xdpdrop_record *record = record_of(sample_udp + 14, 31, 1500, 8);
	struct xdpdrop_sflow_drop drop = { .size = sizeof(drop),
					   .record = record,
					   .link_type = 101,
					   .code = XDPDROP_SFLOW_XDP,
					   .pool = 0x100000005 };
	int err;

	record->reason = 9;
	record->rule = 0x100000001;
	err = xdpdrop_sflow_add_drop(encoder, &drop);
	free(record);
	return err;
}

static int add_interface(void)
{
	struct xdpdrop_sflow_interface interface = {
		.size = sizeof(interface),
		.ifindex = 7,
		.type = 6,
		.speed = 10000000000,
		.direction = 1,
		.admin_up = true,
		.oper_up = true,
		.promiscuous = true,
		.in_octets = 0x1122334455667788,
		.in_unicast = 1,
		.in_multicast = 2,
		.in_broadcast = 3,
		.in_discards = 4,
		.in_errors = 5,
		.in_unknown = 6,
		.out_octets = 0x99aabbccddeeff00,
		.out_unicast = 7,
		.out_multicast = 8,
		.out_broadcast = 9,
		.out_discards = 10,
		.out_errors = 11,
	};

	return xdpdrop_sflow_add_interface(encoder, &interface);
}

static void assert_finished(const char *name)
{
	const void *datagram;
	size_t size = xdpdrop_sflow_finish(encoder, UPTIME, &datagram);

	assert_golden(name, datagram, size);
	assert_int_equal(xdpdrop_sflow_finish(encoder, UPTIME, &datagram), 0);
}

static void flow_samples(void **state)
{
	(void)state;
	begin(&ip4);
	assert_int_equal(add_arp(7), 0);
	assert_int_equal(add_ip4(), 0);
	assert_finished("sflow_flow.hex");
}

static void a_discarded_packet(void **state)
{
	struct xdpdrop_sflow_agent ip6 = {
		.size = sizeof(ip6),
		.family = AF_INET6,
		.address = { 0x20, 1, 0xd, 0xb8, [15] = 1 },
		.discard = true,
	};

	(void)state;
	begin(&ip6);
	assert_int_equal(add_arp(7), 0);
	/* in datagrams of their own */
	assert_int_equal(add_interface(), -ENOSPC);
	assert_finished("sflow_discard.hex");
	assert_int_equal(add_interface(), 0);
	assert_int_equal(add_arp(7), -ENOSPC);
}

static void counters(void **state)
{
	(void)state;
	begin(&ip4);
	assert_int_equal(add_interface(), 0);
	assert_finished("sflow_counters.hex");
}

static __u32 word(const __u8 *bytes, size_t index)
{
	bytes += 4 * index;
	return (__u32)bytes[0] << 24 | bytes[1] << 16 | bytes[2] << 8 | bytes[3];
}

/* 28 bytes of header and 164 for each sample */
static void a_full_datagram_is_finished_first(void **state)
{
	const void *datagram;
	int added = 0;

	(void)state;
	begin(&ip4);
	while (!add_arp(7))
		added++;
	assert_int_equal(added, (XDPDROP_SFLOW_DATAGRAM - 28) / 164);
	assert_int_equal(add_arp(7), -ENOSPC);
	assert_int_equal(xdpdrop_sflow_finish(encoder, UPTIME, &datagram), 28 + added * 164);
	assert_int_equal(word(datagram, 6), added);
	/* numbers go on, for each interface and for datagrams */
	assert_int_equal(add_arp(7), 0);
	assert_int_equal(add_arp(9), 0);
	assert_int_equal(xdpdrop_sflow_finish(encoder, UPTIME, &datagram), 28 + 2 * 164);
	assert_int_equal(word(datagram, 4), 2);
	assert_int_equal(word(datagram, 6), 2);
	assert_int_equal(word(datagram, 9), added + 1);
	assert_int_equal(word((const __u8 *)datagram + 164, 9), 1);
}

/* The name of a function is not taken for a format. */
static void a_short_name_is_no_function(void **state)
{
	struct xdpdrop_record *record = record_of(sample_arp, 42, 42, 7);
	struct xdpdrop_sflow_drop drop = {
		.size = sizeof(drop), .record = record, .link_type = 1, .program = "fire"
	};
	const void *datagram;

	(void)state;
	begin(&ip4);
	assert_int_equal(xdpdrop_sflow_add_drop(encoder, &drop), 0);
	assert_true(xdpdrop_sflow_finish(encoder, UPTIME, &datagram) > 0);
	assert_int_equal(word(datagram, 16), 2);
	drop.program = "fires";
	assert_int_equal(xdpdrop_sflow_add_drop(encoder, &drop), 0);
	assert_true(xdpdrop_sflow_finish(encoder, UPTIME, &datagram) > 0);
	assert_int_equal(word(datagram, 16), 3);
	free(record);
}

/* Names and frames are cut; a kind of frame that sFlow does not know is left out. */
static void the_longest_sample(void **state)
{
	static char name[400];
	static __u8 frame[200];
	struct xdpdrop_record *record = record_of(frame, sizeof(frame), sizeof(frame), 7);
	struct xdpdrop_sflow_drop drop = { .size = sizeof(drop),
					   .record = record,
					   .link_type = 1,
					   .program = name,
					   .reason = name };
	const void *datagram;

	(void)state;
	memset(name, 'n', sizeof(name) - 1);
	begin(&ip4);
	assert_int_equal(xdpdrop_sflow_add_drop(encoder, &drop), 0);
	assert_int_equal(xdpdrop_sflow_finish(encoder, UPTIME, &datagram),
			 28 + 8 + 32 + 8 + 16 + 128 + 8 + 12 + 128 + 8 + 4 + 128);
	drop.link_type = 147;
	assert_int_equal(xdpdrop_sflow_add_drop(encoder, &drop), 0);
	assert_int_equal(xdpdrop_sflow_finish(encoder, UPTIME, &datagram),
			 28 + 8 + 32 + 8 + 12 + 128 + 8 + 4 + 128);
	assert_int_equal(word(datagram, 16), 2);
	free(record);
}

static void what_sflow_cannot_express_is_refused(void **state)
{
	struct xdpdrop_sflow_agent agent = ip4;
	struct xdpdrop_record *record = record_of(sample_arp, 42, 42, 7);
	struct xdpdrop_sflow_drop drop = { .size = sizeof(drop),
					   .record = record,
					   .code = XDPDROP_SFLOW_MAX_CODE + 1 };
	const void *datagram;

	(void)state;
	agent.family = AF_UNIX;
	assert_int_equal(xdpdrop_sflow_new(&encoder, &agent), -EINVAL);
	begin(&ip4);
	assert_int_equal(xdpdrop_sflow_add_drop(encoder, &drop), -EINVAL);
	drop.code = 0;
	record->flags = XDPDROP_F_EXCEPTION;
	assert_int_equal(xdpdrop_sflow_add_drop(encoder, &drop), -EINVAL);
	assert_int_equal(add_arp(0x1000000), -ERANGE);
	assert_int_equal(xdpdrop_sflow_finish(encoder, UPTIME, &datagram), 0);
	free(record);
}

#define TEST(name) cmocka_unit_test_teardown(name, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(flow_samples),
		TEST(a_discarded_packet),
		TEST(counters),
		TEST(a_full_datagram_is_finished_first),
		TEST(a_short_name_is_no_function),
		TEST(the_longest_sample),
		TEST(what_sflow_cannot_express_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

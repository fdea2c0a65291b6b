// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is found in frames: tags, extension headers, fragments, and each frame cut at each byte.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "count/dissect.h"

#define MACS "020202020202040404040404"
#define UDP4 "4500001c000000004011000001020304 05060708"
#define IP6(length, next)                                                                          \
	"60000000" length next "40"                                                                \
	"20010db8000000000000000000000001"                                                         \
	"20010db8000000000000000000000002"
#define PORTS "04d20035"
#define NONE -1

static const struct {
	const char *frame; /* in hexadecimal, with blanks */
	__u32 link_type;
	__u16 ethertype;
	int family, protocol; /* NONE: no protocol */
	bool ports;	      /* 1234 and 53 */
	size_t least;	      /* bytes of the frame that all of it needs */
} cases[] = {
	{ MACS "0800" UDP4 PORTS "00080000", 1, 0x0800, AF_INET, 17, true, 38 },
	{ MACS "8100 0064 0800" UDP4 PORTS "00080000", 1, 0x0800, AF_INET, 17, true, 42 },
	{ MACS "88a8 0064 8100 0065 0800" UDP4 PORTS, 1, 0x0800, AF_INET, 17, true, 46 },
	{ MACS "9100 0064 8100 0065 0800" UDP4 PORTS, 1, 0x0800, AF_INET, 17, true, 46 },
	{ UDP4 PORTS, 101, 0x0800, AF_INET, 17, true, 24 },
	/* options of IPv4 */
	{ "46000020000000004006000001020304 05060708 01010101" PORTS, 101, 0x0800, AF_INET, 6, true,
	  28 },
	/* a protocol without ports; the second fragment; the first one */
	{ "4500001c000000004001000001020304 05060708" PORTS, 101, 0x0800, AF_INET, 1, false, 20 },
	{ "4500001c000000014011000001020304 05060708" PORTS, 101, 0x0800, AF_INET, 17, false, 20 },
	{ "4500001c000020004011000001020304 05060708" PORTS, 101, 0x0800, AF_INET, 17, true, 24 },
	/* padding behind a packet without ports; a length of 0 */
	{ "45000014000000004011000001020304 05060708" PORTS, 101, 0x0800, AF_INET, 17, false, 20 },
	{ "45000000000000004011000001020304 05060708" PORTS, 101, 0x0800, AF_INET, 17, true, 24 },
	/* header lengths and versions that are not possible */
	{ "4400001c000000004011000001020304 05060708" PORTS, 101, 0x0800, AF_UNSPEC, NONE, false,
	  1 },
	{ MACS "0800 6500001c000000004011000001020304 05060708" PORTS, 1, 0x0800, AF_UNSPEC, NONE,
	  false, 14 },
	{ MACS "86dd" IP6("0008", "11") PORTS, 1, 0x86dd, AF_INET6, 17, true, 58 },
	{ IP6("0008", "84") PORTS, 101, 0x86dd, AF_INET6, 132, true, 44 },
	{ IP6("0000", "06") PORTS, 101, 0x86dd, AF_INET6, 6, true, 44 },
	{ IP6("0008", "3a") PORTS, 101, 0x86dd, AF_INET6, 58, false, 40 },
	{ IP6("0008", "3b") PORTS, 101, 0x86dd, AF_INET6, 59, false, 40 },
	/* hop-by-hop, routing of 16 bytes, options, authentication, then UDP */
	{ IP6("0040", "00") "2b00000000000000"
			    "3c01000000000000 0000000000000000"
			    "3300000000000000"
			    "1101000000000000 00000000" PORTS,
	  101, 0x86dd, AF_INET6, 17, true, 88 },
	/* the first and a later fragment */
	{ IP6("0010", "2c") "1100000100000007" PORTS, 101, 0x86dd, AF_INET6, 17, true, 52 },
	{ IP6("0010", "2c") "1100000900000007" PORTS, 101, 0x86dd, AF_INET6, 17, false, 48 },
	/* an extension header that is longer than the packet */
	{ IP6("0010", "00") "11ff000000000000" PORTS, 101, 0x86dd, AF_INET6, NONE, false, 40 },
	/* neither IP */
	{ MACS "0806 0001", 1, 0x0806, AF_UNSPEC, NONE, false, 14 },
	{ MACS "0026 424203", 1, 0, AF_UNSPEC, NONE, false, 0 },
	{ MACS "8100 0064 0026 424203", 1, 0, AF_UNSPEC, NONE, false, 0 },
	{ "0000", 101, 0, AF_UNSPEC, NONE, false, 0 },
	{ UDP4 PORTS, 147, 0, AF_UNSPEC, NONE, false, 0 },
};

static size_t bytes_of(const char *text, __u8 *bytes)
{
	size_t count = 0;

	for (; *text; text++) {
		if (*text == ' ')
			continue;
		assert_int_equal(sscanf(text++, "%2hhx", &bytes[count++]), 1);
	}
	return count;
}

/* Every byte beyond @size is one too many. */
static struct dissected found_in(const __u8 *frame, size_t size, __u32 link_type)
{
	__u8 *copy = malloc(size ? size : 1);
	struct dissected found;

	assert_non_null(copy);
	memcpy(copy, frame, size);
	memset(&found, 0xff, sizeof(found));
	dissect(copy, size, link_type, &found);
	free(copy);
	return found;
}

static void assert_addresses(const struct dissected *found)
{
	static const __u8 ip6[16] = { 0x20, 0x01, 0x0d, 0xb8 };
	__u8 expected[16];

	if (found->family == AF_INET) {
		assert_memory_equal(found->source, "\1\2\3\4\0\0\0\0\0\0\0\0\0\0\0\0", 16);
		assert_memory_equal(found->destination, "\5\6\7\10\0\0\0\0\0\0\0\0\0\0\0\0", 16);
		return;
	}
	memcpy(expected, ip6, 16);
	expected[15] = found->family == AF_INET6 ? 1 : 0;
	if (found->family == AF_UNSPEC)
		memset(expected, 0, 16);
	assert_memory_equal(found->source, expected, 16);
	expected[15] *= 2;
	assert_memory_equal(found->destination, expected, 16);
}

static void test_frames(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		__u8 frame[256];
		size_t size = bytes_of(cases[i].frame, frame);
		struct dissected found = found_in(frame, size, cases[i].link_type), part;

		print_message("%s\n", cases[i].frame);
		assert_int_equal(found.ethertype, cases[i].ethertype);
		assert_int_equal(found.family, cases[i].family);
		assert_int_equal(found.has_protocol, cases[i].protocol != NONE);
		assert_int_equal(found.protocol, found.has_protocol ? cases[i].protocol : 0);
		assert_int_equal(found.has_ports, cases[i].ports);
		assert_int_equal(found.source_port, found.has_ports ? 1234 : 0);
		assert_int_equal(found.destination_port, found.has_ports ? 53 : 0);
		assert_addresses(&found);
		for (size_t cut = 0; cut < size; cut++) {
			part = found_in(frame, cut, cases[i].link_type);
			assert_int_equal(!memcmp(&part, &found, sizeof(part)),
					 cut >= cases[i].least);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_frames) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}

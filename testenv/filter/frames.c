// SPDX-License-Identifier: GPL-2.0-only
/*
 * Builds frames from layers: link headers, a network header, a transport header. Checksums are
 * left at 0, no filter can see them as such.
 */
#include "frames.h"

#include <string.h>

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

static void put(struct frame *frame, const void *bytes, size_t size)
{
	memcpy(frame->bytes + frame->size, bytes, size);
	frame->size += size;
}

static void put8(struct frame *frame, __u32 value)
{
	frame->bytes[frame->size++] = value;
}

static void put16(struct frame *frame, __u32 value)
{
	put8(frame, value >> 8);
	put8(frame, value);
}

static void put32(struct frame *frame, __u32 value)
{
	put16(frame, value >> 16);
	put16(frame, value);
}

static void put_zeroes(struct frame *frame, size_t size)
{
	memset(frame->bytes + frame->size, 0, size);
	frame->size += size;
}

/* The addresses of expressions.txt. */
static const __u8 macs[][6] = {
	{ 0x02, 0, 0, 0, 0, 1 },
	{ 0x02, 0, 0, 0, 0, 2 },
	{ 0xff, 0xff, 0xff, 0xff, 0xff, 0xff },
	{ 0x01, 0, 0x5e, 0, 0, 0xfb },
	{ 0x33, 0x33, 0, 0, 0, 1 },
	{ 0x01, 0x80, 0xc2, 0, 0, 0 },
};
static const __u32 ip4s[] = { 0x0a000001, 0x0a000002, 0xc0a80101, 0xac100504,
			      0xe00000fb, 0xffffffff, 0x08080808 };
static const __u8 ip6s[][16] = {
	{ 0x20, 0x01, 0x0d, 0xb8, [15] = 1 },
	{ 0x20, 0x01, 0x0d, 0xb8, [15] = 2 },
	{ 0xfe, 0x80, [15] = 1 },
	{ 0xff, 0x02, [15] = 1 },
};
static const __u16 ports[] = { 53, 80, 443, 22, 1024, 5353, 65535, 40000 };

static void put_ethernet(struct frame *frame, __u32 n)
{
	put(frame, macs[n % ARRAY_SIZE(macs)], 6);
	put(frame, macs[n / 3 % 2], 6);
}

static void put_payload(struct frame *frame, __u32 n)
{
	for (__u32 i = 0; i < 18 + n % 3 * 40; i++)
		put8(frame, i * 7 + n);
}

static void put_tcp(struct frame *frame, __u32 n)
{
	__u32 options = n % 3 * 4;

	put16(frame, ports[n % ARRAY_SIZE(ports)]);
	put16(frame, ports[n / 2 % ARRAY_SIZE(ports)]);
	put32(frame, n * 0x01010101);
	put32(frame, 0);
	put8(frame, (20 + options) << 2);
	put8(frame, 1 << n % 8 | 1 << n / 3 % 8); /* flags */
	put_zeroes(frame, 6 + options);
	put(frame, "GET / HTTP/1.1\r\n", 16);
}

static void put_udp(struct frame *frame, __u32 n)
{
	put16(frame, ports[n % ARRAY_SIZE(ports)]);
	put16(frame, ports[n / 3 % ARRAY_SIZE(ports)]);
	put32(frame, 40 << 16);
	put_payload(frame, n);
}

static void put_vxlan(struct frame *frame, __u32 n)
{
	put32(frame, 40000 << 16 | 4789);
	put32(frame, 100 << 16);
	put32(frame, 0x08000000);
	put32(frame, n % 3 << 8);
	put_ethernet(frame, n);
	put16(frame, 0x0800);
	put_payload(frame, n);
}

static void put_icmp(struct frame *frame, __u32 n)
{
	static const __u8 types[] = { 0, 3, 4, 5, 8, 9, 10, 11, 12, 13, 17, 128, 133, 135 };

	put8(frame, types[n % ARRAY_SIZE(types)]);
	put8(frame, n % 4);
	put_zeroes(frame, 6);
	put_payload(frame, n);
}

static void put_transport(struct frame *frame, __u32 protocol, __u32 n)
{
	switch (protocol) {
	case 1:
	case 58:
		put_icmp(frame, n);
		break;
	case 6:
		put_tcp(frame, n);
		break;
	case 17:
		if (n % 5)
			put_udp(frame, n);
		else
			put_vxlan(frame, n);
		break;
	case 132: /* sctp has its ports where tcp and udp have them */
		put_udp(frame, n);
		break;
	default:
		put_payload(frame, n);
	}
}

static const __u8 protocols[] = { 6, 17, 1, 58, 132, 2, 4, 41, 47, 50, 51, 88, 89, 103, 112, 255 };

static void put_ip4(struct frame *frame, __u32 n)
{
	__u32 protocol = protocols[n % ARRAY_SIZE(protocols)], words = 5 + (n % 7 == 3) * (n % 11);
	static const __u16 fragments[] = { 0, 0x4000, 0, 0x2000, 0, 0x00b9, 0x20b9, 0x8000 };

	put8(frame, 0x40 | words);
	put8(frame, n % 4 * 0x2e);
	put16(frame, words * 4 + 40);
	put16(frame, n);
	put16(frame, fragments[n / 5 % ARRAY_SIZE(fragments)]);
	put8(frame, n % 3 ? 64 : 1);
	put8(frame, protocol);
	put16(frame, 0);
	put32(frame, ip4s[n % ARRAY_SIZE(ip4s)]);
	put32(frame, ip4s[n / 2 % ARRAY_SIZE(ip4s)]);
	put_zeroes(frame, (words - 5) * 4);
	put_transport(frame, protocol, n);
}

/* Extension headers: hop by hop, routing, fragment, authentication, destination options. */
static __u32 put_extension(struct frame *frame, __u32 kind, __u32 next, __u32 n)
{
	__u32 words = kind == 44 ? 0 : n % 3, size = (words + 1) * 8;

	put8(frame, next);
	put8(frame, words);
	if (kind == 51)
		size = (words + 2) * 4;
	put_zeroes(frame, size - 2);
	return kind;
}

static void put_ip6(struct frame *frame, __u32 n)
{
	static const __u8 kinds[] = { 0, 43, 44, 51, 60 };
	__u32 protocol = protocols[n % ARRAY_SIZE(protocols)], extensions = n / 4 % 4;

	put32(frame, 0x60000000 | n % 5 << 20 | n);
	put16(frame, 60);
	put8(frame, extensions ? kinds[n % ARRAY_SIZE(kinds)] : protocol);
	put8(frame, n % 3 ? 64 : 255);
	put(frame, ip6s[n % ARRAY_SIZE(ip6s)], 16);
	put(frame, ip6s[n / 2 % ARRAY_SIZE(ip6s)], 16);
	for (__u32 i = 1; i <= extensions; i++)
		put_extension(frame, kinds[(n + i - 1) % ARRAY_SIZE(kinds)],
			      i == extensions ? protocol : kinds[(n + i) % ARRAY_SIZE(kinds)],
			      n + i);
	put_transport(frame, protocol, n);
}

static void put_arp(struct frame *frame, __u32 n)
{
	put32(frame, 0x00010800);
	put16(frame, 0x0604);
	put16(frame, 1 + n % 4);
	put(frame, macs[n % 2], 6);
	put32(frame, ip4s[n % ARRAY_SIZE(ip4s)]);
	put_zeroes(frame, 6);
	put32(frame, ip4s[n / 2 % ARRAY_SIZE(ip4s)]);
	put_zeroes(frame, 18);
}

static void put_network(struct frame *frame, __u32 type, __u32 n)
{
	switch (type) {
	case 0x0800:
		put_ip4(frame, n);
		break;
	case 0x86dd:
		put_ip6(frame, n);
		break;
	case 0x0806:
	case 0x8035:
		put_arp(frame, n);
		break;
	default:
		put_payload(frame, n);
	}
}

static const __u16 types[] = { 0x0800, 0x86dd, 0x0806, 0x8035, 0x6000, 0x6001, 0x6002, 0x6003,
			       0x6004, 0x6007, 0x809b, 0x80f3, 0x9000, 0x88cc, 0x88f7, 0x8137 };

static void put_mpls(struct frame *frame, __u32 labels, __u32 n)
{
	for (__u32 i = 1; i <= labels; i++)
		put32(frame, (100 + n % 5 + i) << 12 | (i == labels) << 8 | 64);
	put_network(frame, n % 2 ? 0x0800 : 0x86dd, n);
}

/* Discovery or session, the latter with PPP inside. */
static void put_pppoe(struct frame *frame, __u32 n)
{
	put16(frame, n % 3 ? 0x8864 : 0x8863);
	put16(frame, n % 3 ? 0x1100 : 0x1109);
	put16(frame, n % 4);
	put16(frame, 62);
	if (n % 3)
		put16(frame, n % 2 ? 0x0021 : 0x0057);
	put_network(frame, n % 2 ? 0x0800 : 0x86dd, n);
}

/* 802.3 with LLC, some of it SNAP: spanning tree, IS-IS, IPX, NetBEUI, AppleTalk. */
static void put_llc(struct frame *frame, __u32 n)
{
	static const __u8 saps[] = { 0x42, 0xfe, 0xe0, 0xf0, 0xaa, 0x06, 0xff };
	__u32 sap = saps[n % ARRAY_SIZE(saps)];

	put16(frame, 38 + n % 50);
	put16(frame, sap << 8 | sap);
	put8(frame, n % 4 ? 3 : n);
	if (sap == 0xaa) {
		put8(frame, n % 2 ? 8 : 0);
		put16(frame, n % 2 ? 7 : 0);
		put16(frame, n % 2 ? 0x809b : 0x0800);
	} else if (sap == 0xfe) {
		put32(frame, 0x83000000 | n);
		put8(frame, 15 + n % 14);
	}
	put_network(frame, n % 3 ? 0x0800 : 0, n);
}

static void put_geneve(struct frame *frame, __u32 n)
{
	put16(frame, 0x0800);
	put32(frame, 0x45000060);
	put32(frame, n << 16);
	put32(frame, 0x40110000);
	put32(frame, ip4s[0]);
	put32(frame, ip4s[1]);
	put32(frame, 40000 << 16 | 6081);
	put32(frame, 80 << 16);
	put8(frame, n % 3);
	put8(frame, 0);
	put16(frame, n % 2 ? 0x6558 : 0x0800);
	put32(frame, n % 4 << 8);
	put_zeroes(frame, n % 3 * 4);
	if (n % 2) {
		put_ethernet(frame, n);
		put16(frame, 0x0800);
	}
	put_ip4(frame, n);
}

static void put_tags(struct frame *frame, __u32 tags, __u32 n)
{
	static const __u16 tpids[] = { 0x8100, 0x88a8, 0x9100 };

	for (__u32 i = 0; i < tags; i++) {
		put16(frame, tpids[(n + i) % ARRAY_SIZE(tpids)]);
		put16(frame, (n % 8) << 13 | (10 + (n + i) % 3));
	}
}

enum { PLAIN, TYPES, LLC, MPLS, PPPOE, GENEVE, LINKS };
#define VARIANTS 112 /* of each link header and each number of tags */
#define TAGS 3

size_t frames_count(void)
{
	return LINKS * TAGS * VARIANTS;
}

void frames_build(struct frame *frame, size_t number)
{
	__u32 link = number % LINKS, tags = number / LINKS % TAGS, n = number / LINKS / TAGS;

	frame->size = 0;
	put_ethernet(frame, n);
	put_tags(frame, tags, n);
	switch (link) {
	case PLAIN:
		put16(frame, types[n % 2]);
		put_network(frame, types[n % 2], n / 2);
		break;
	case TYPES:
		put16(frame, types[n % ARRAY_SIZE(types)]);
		put_network(frame, types[n % ARRAY_SIZE(types)], n);
		break;
	case LLC:
		put_llc(frame, n);
		break;
	case MPLS:
		put16(frame, n % 5 ? 0x8847 : 0x8848);
		put_mpls(frame, 1 + n % 3, n);
		break;
	case PPPOE:
		put_pppoe(frame, n);
		break;
	case GENEVE:
		put_geneve(frame, n);
	}
}

static void cut(struct frame *frame, struct random *random)
{
	frame->size = FRAME_SHORTEST + random_below(random, frame->size - FRAME_SHORTEST + 1);
}

static void change(struct frame *frame, struct random *random)
{
	for (__u32 i = 0; i <= random_below(random, 6); i++)
		frame->bytes[random_below(random, frame->size)] = random_next(random);
}

static void fill(struct frame *frame, __u32 size, struct random *random)
{
	while (frame->size < size)
		put8(frame, random_next(random));
}

void frames_random(struct frame *frame, __u32 longest, struct random *random)
{
	__u32 kind = random_below(random, 16);

	frames_build(frame, random_below(random, frames_count()));
	if (kind == 0)
		frame->size = 0;
	if (kind < 3)
		fill(frame, FRAME_SHORTEST + random_below(random, 200), random);
	else if (kind == 3)
		fill(frame, random_below(random, longest), random);
	else if (kind < 10)
		cut(frame, random);
	if (kind < 6)
		change(frame, random);
}

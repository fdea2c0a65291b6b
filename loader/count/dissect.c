// SPDX-License-Identifier: GPL-2.0-only
/*
 * Dissects Ethernet, VLAN tags, IPv4, IPv6 with extension headers, and ports.
 */
#include <string.h>
#include <sys/socket.h>

#include "count/dissect.h"

#define ETHERNET_HEADER 14
#define TAG 4
#define TYPE_LEAST 0x0600 /* below are 802.3 lengths */
#define TYPE_IP4 0x0800
#define TYPE_VLAN 0x8100
#define TYPE_IP6 0x86dd
#define TYPE_QINQ 0x88a8
#define TYPE_OLD_QINQ 0x9100
#define IP4_HEADER 20
#define IP4_OFFSET 0x1fff
#define IP6_HEADER 40
#define IP6_OFFSET 0xfff8
#define EXTENSION 8 /* bytes of the shortest extension header */
#define PORTS 4

enum { TCP = 6, UDP = 17, DCCP = 33, SCTP = 132, UDPLITE = 136 };
enum { HOP = 0, ROUTING = 43, FRAGMENT = 44, AH = 51, OPTIONS = 60, MOBILITY = 135, HIP = 139 };

struct bytes {
	const __u8 *at;
	__u32 left;
};

static __u16 dissect_u16(const __u8 *at)
{
	return at[0] << 8 | at[1];
}

static bool dissect_skip(struct bytes *bytes, __u32 count)
{
	if (bytes->left < count)
		return false;
	bytes->at += count;
	bytes->left -= count;
	return true;
}

/* Leave out what is behind a packet of @length bytes; kernels send 0 where it is above 65535. */
static void dissect_limit(struct bytes *bytes, __u32 length)
{
	if (length && bytes->left > length)
		bytes->left = length;
}

static void dissect_ports(struct bytes *bytes, struct dissected *found)
{
	switch (found->protocol) {
	case TCP:
	case UDP:
	case DCCP:
	case SCTP:
	case UDPLITE:
		break;
	default:
		return;
	}
	if (bytes->left < PORTS)
		return;
	found->has_ports = true;
	found->source_port = dissect_u16(bytes->at);
	found->destination_port = dissect_u16(bytes->at + 2);
}

static void dissect_protocol(__u8 protocol, struct dissected *found)
{
	found->has_protocol = true;
	found->protocol = protocol;
}

static void dissect_ip4(struct bytes *bytes, struct dissected *found)
{
	const __u8 *header = bytes->at;
	__u32 size;

	if (bytes->left < IP4_HEADER || header[0] >> 4 != 4)
		return;
	size = (header[0] & 15) * 4;
	if (size < IP4_HEADER)
		return;
	found->family = AF_INET;
	memcpy(found->source, header + 12, 4);
	memcpy(found->destination, header + 16, 4);
	dissect_protocol(header[9], found);
	dissect_limit(bytes, dissect_u16(header + 2));
	if (!(dissect_u16(header + 6) & IP4_OFFSET) && dissect_skip(bytes, size))
		dissect_ports(bytes, found);
}

/* Bytes of the extension header of type @next at @header; 0: it is none, or not one that is read */
static __u32 dissect_extension(__u8 next, const __u8 *header)
{
	switch (next) {
	case HOP:
	case ROUTING:
	case OPTIONS:
	case MOBILITY:
	case HIP:
		return (header[1] + 1) * 8;
	case FRAGMENT:
		return EXTENSION;
	case AH:
		return (header[1] + 2) * 4;
	default:
		return 0;
	}
}

/* Skip extension headers, the first of type @next. True: what follows begins an upper header. */
static bool dissect_extensions(struct bytes *bytes, __u8 next, struct dissected *found)
{
	static const __u8 none[EXTENSION];

	while (dissect_extension(next, none)) {
		const __u8 *header = bytes->at;
		bool later;

		if (bytes->left < EXTENSION)
			return false;
		later = next == FRAGMENT && dissect_u16(header + 2) & IP6_OFFSET;
		if (!later && !dissect_skip(bytes, dissect_extension(next, header)))
			return false;
		next = header[0];
		if (later) {
			dissect_protocol(next, found);
			return false;
		}
	}
	dissect_protocol(next, found);
	return true;
}

static void dissect_ip6(struct bytes *bytes, struct dissected *found)
{
	const __u8 *header = bytes->at;
	__u32 payload;

	if (bytes->left < IP6_HEADER || header[0] >> 4 != 6)
		return;
	found->family = AF_INET6;
	memcpy(found->source, header + 8, 16);
	memcpy(found->destination, header + 24, 16);
	dissect_skip(bytes, IP6_HEADER);
	payload = dissect_u16(header + 4);
	dissect_limit(bytes, payload);
	if (dissect_extensions(bytes, header[6], found))
		dissect_ports(bytes, found);
}

static bool dissect_is_tag(__u16 ethertype)
{
	return ethertype == TYPE_VLAN || ethertype == TYPE_QINQ || ethertype == TYPE_OLD_QINQ;
}

/* The type behind all tags; 0: it is missing, or a length. */
static __u16 dissect_ethernet(struct bytes *bytes)
{
	__u16 ethertype;

	if (!dissect_skip(bytes, ETHERNET_HEADER))
		return 0;
	for (;;) {
		ethertype = dissect_u16(bytes->at - 2);
		if (!dissect_is_tag(ethertype))
			return ethertype < TYPE_LEAST ? 0 : ethertype;
		if (!dissect_skip(bytes, TAG))
			return 0;
	}
}

static __u16 dissect_raw(const struct bytes *bytes)
{
	switch (bytes->left ? bytes->at[0] >> 4 : 0) {
	case 4:
		return TYPE_IP4;
	case 6:
		return TYPE_IP6;
	default:
		return 0;
	}
}

void dissect(const __u8 *data, __u32 caplen, __u32 link_type, struct dissected *found)
{
	struct bytes bytes = { .at = data, .left = caplen };

	*found = (struct dissected){ .family = AF_UNSPEC };
	if (link_type == DISSECT_LINK_ETHERNET)
		found->ethertype = dissect_ethernet(&bytes);
	else if (link_type == DISSECT_LINK_RAW)
		found->ethertype = dissect_raw(&bytes);
	if (found->ethertype == TYPE_IP4)
		dissect_ip4(&bytes, found);
	else if (found->ethertype == TYPE_IP6)
		dissect_ip6(&bytes, found);
}

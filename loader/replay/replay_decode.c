// SPDX-License-Identifier: GPL-2.0-only
/*
 * Decodes Ethernet, VLAN tags, IPv4, IPv6 without extension headers, and ports.
 */
#include <arpa/inet.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "replay/replay_decode.h"

#define ETHERNET_HEADER 14
#define TAG 4
#define TYPE_IP4 0x0800
#define TYPE_ARP 0x0806
#define TYPE_VLAN 0x8100
#define TYPE_QINQ 0x88a8
#define TYPE_IP6 0x86dd
#define IP4_HEADER 20
#define IP6_HEADER 40
#define FRAGMENT_OFFSET 0x1fff
#define PORTS 4

enum { ICMP = 1, TCP = 6, UDP = 17, ICMP6 = 58, SCTP = 132 };

struct bytes {
	const unsigned char *at;
	__u32 left;
};

struct line {
	char *text;
	size_t size;
};

static __u16 replay_decode_get_u16(const unsigned char *at)
{
	return at[0] << 8 | at[1];
}

static void replay_decode_skip(struct bytes *bytes, __u32 count)
{
	bytes->at += count;
	bytes->left -= count;
}

static const char *replay_decode_protocol_name(unsigned int protocol, char *number, size_t size)
{
	switch (protocol) {
	case ICMP:
		return "icmp";
	case TCP:
		return "tcp";
	case UDP:
		return "udp";
	case ICMP6:
		return "icmp6";
	case SCTP:
		return "sctp";
	}
	snprintf(number, size, "ip proto %u", protocol);
	return number;
}

/* @first: the header of the protocol follows, not the rest of a fragmented packet. */
static void replay_decode_put_ip(struct line *line, struct bytes bytes, unsigned int protocol,
				 bool first, const char *from, const char *to)
{
	char number[24];
	const char *name = replay_decode_protocol_name(protocol, number, sizeof(number));
	bool ports = protocol == TCP || protocol == UDP || protocol == SCTP;

	if (ports && first && bytes.left >= PORTS)
		snprintf(line->text, line->size, "%s %s.%u > %s.%u", name, from,
			 replay_decode_get_u16(bytes.at), to, replay_decode_get_u16(bytes.at + 2));
	else
		snprintf(line->text, line->size, "%s%s %s > %s", name, first ? "" : " fragment",
			 from, to);
}

static void replay_decode_put_ip4(struct line *line, struct bytes bytes)
{
	char from[INET_ADDRSTRLEN], to[INET_ADDRSTRLEN];
	unsigned int protocol, header;
	bool first;

	if (bytes.left < IP4_HEADER) {
		snprintf(line->text, line->size, "short ip");
		return;
	}
	inet_ntop(AF_INET, bytes.at + 12, from, sizeof(from));
	inet_ntop(AF_INET, bytes.at + 16, to, sizeof(to));
	protocol = bytes.at[9];
	first = !(replay_decode_get_u16(bytes.at + 6) & FRAGMENT_OFFSET);
	header = (bytes.at[0] & 15) * 4;
	replay_decode_skip(&bytes, header <= bytes.left ? header : bytes.left);
	replay_decode_put_ip(line, bytes, protocol, first, from, to);
}

static void replay_decode_put_ip6(struct line *line, struct bytes bytes)
{
	char from[INET6_ADDRSTRLEN], to[INET6_ADDRSTRLEN];
	unsigned int protocol;

	if (bytes.left < IP6_HEADER) {
		snprintf(line->text, line->size, "short ip6");
		return;
	}
	inet_ntop(AF_INET6, bytes.at + 8, from, sizeof(from));
	inet_ntop(AF_INET6, bytes.at + 24, to, sizeof(to));
	protocol = bytes.at[6];
	replay_decode_skip(&bytes, IP6_HEADER);
	replay_decode_put_ip(line, bytes, protocol, true, from, to);
}

static void replay_decode_put_frame(struct line *line, struct bytes bytes)
{
	__u16 type;
	int length;

	if (bytes.left < ETHERNET_HEADER) {
		snprintf(line->text, line->size, "short frame");
		return;
	}
	type = replay_decode_get_u16(bytes.at + 12);
	replay_decode_skip(&bytes, ETHERNET_HEADER);
	while ((type == TYPE_VLAN || type == TYPE_QINQ) && bytes.left >= TAG) {
		length = snprintf(line->text, line->size, "vlan %u, ",
				  replay_decode_get_u16(bytes.at) & 0xfff);
		if (length < 0 || (size_t)length >= line->size)
			return;
		line->text += length;
		line->size -= length;
		type = replay_decode_get_u16(bytes.at + 2);
		replay_decode_skip(&bytes, TAG);
	}
	if (type == TYPE_IP4)
		replay_decode_put_ip4(line, bytes);
	else if (type == TYPE_IP6)
		replay_decode_put_ip6(line, bytes);
	else if (type == TYPE_ARP)
		snprintf(line->text, line->size, "arp");
	else
		snprintf(line->text, line->size, "ether type 0x%04x", type);
}

void replay_decode(const void *data, __u32 caplen, __u32 len, char *text, size_t size)
{
	struct line line = { text, size };
	size_t used;

	text[0] = '\0';
	replay_decode_put_frame(&line, (struct bytes){ data, caplen });
	used = strlen(text);
	snprintf(text + used, size - used, ", %u bytes", len);
}

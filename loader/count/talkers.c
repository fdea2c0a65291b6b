// SPDX-License-Identifier: GPL-2.0-only
/*
 * The first byte of a key is its kind, so that keys of different kinds differ.
 */
#include "count/talkers.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_REASONS 32
/* At 80 bytes each: 240 KiB for all, and 960 KiB for the reasons. */
#define KEYS 1024
#define KEYS_OF_REASON 128

enum talkers_key { KEY_IP4, KEY_IP6, KEY_ETHERTYPE, KEY_PROTOCOL, KEY_PORT };

static int talkers_open_tops(struct top *top, unsigned int capacity)
{
	int err = 0;

	for (unsigned int kind = 0; !err && kind < TALKERS_KINDS; kind++)
		err = top_open(&top[kind], capacity);
	return err;
}

static void talkers_close_tops(struct top *top)
{
	for (unsigned int kind = 0; kind < TALKERS_KINDS; kind++)
		top_close(&top[kind]);
}

int talkers_open(struct talkers *talkers)
{
	int err;

	*talkers = (struct talkers){ .of = calloc(MOST_REASONS, sizeof(*talkers->of)) };
	err = talkers->of ? talkers_open_tops(talkers->all, KEYS) : -ENOMEM;
	for (unsigned int i = 0; !err && i < MOST_REASONS; i++)
		err = talkers_open_tops(talkers->of[i].top, KEYS_OF_REASON);
	if (err)
		talkers_close(talkers);
	return err;
}

void talkers_close(struct talkers *talkers)
{
	talkers_close_tops(talkers->all);
	for (unsigned int i = 0; talkers->of && i < MOST_REASONS; i++)
		talkers_close_tops(talkers->of[i].top);
	free(talkers->of);
	*talkers = (struct talkers){ 0 };
}

struct talkers_bytes {
	__u8 size, byte[TOP_KEY_SIZE];
};

static struct talkers_bytes talkers_make(enum talkers_key key, const void *value, size_t size)
{
	struct talkers_bytes bytes = { .size = 1 + size, .byte = { key } };

	memcpy(bytes.byte + 1, value, size);
	return bytes;
}

static struct talkers_bytes talkers_key_address(const struct dissected *frame, const __u8 *address)
{
	if (frame->family == AF_INET)
		return talkers_make(KEY_IP4, address, 4);
	if (frame->family == AF_INET6)
		return talkers_make(KEY_IP6, address, 16);
	return talkers_make(KEY_ETHERTYPE, &frame->ethertype, sizeof(frame->ethertype));
}

/* Services have the destination's port. */
static struct talkers_bytes talkers_key_port(const struct dissected *frame)
{
	__u8 port[] = { frame->protocol, frame->destination_port >> 8, frame->destination_port };

	if (frame->has_ports)
		return talkers_make(KEY_PORT, port, sizeof(port));
	if (frame->has_protocol)
		return talkers_make(KEY_PROTOCOL, &frame->protocol, sizeof(frame->protocol));
	return talkers_make(KEY_ETHERTYPE, &frame->ethertype, sizeof(frame->ethertype));
}

static struct talkers_reason *talkers_find(const struct talkers *talkers, unsigned int point,
					   __u32 reason)
{
	for (unsigned int i = 0; i < talkers->count; i++)
		if (talkers->of[i].point == point && talkers->of[i].reason == reason)
			return &talkers->of[i];
	return NULL;
}

static struct talkers_reason *talkers_append(struct talkers *talkers, unsigned int point,
					     __u32 reason)
{
	struct talkers_reason *of = &talkers->of[talkers->count++];

	of->point = point;
	of->reason = reason;
	return of;
}

void talkers_add(struct talkers *talkers, unsigned int point, __u32 reason,
		 const struct dissected *frame, __u64 weight)
{
	struct talkers_reason *of = talkers_find(talkers, point, reason);
	const struct talkers_bytes key[TALKERS_KINDS] = {
		[TALKERS_SOURCES] = talkers_key_address(frame, frame->source),
		[TALKERS_DESTINATIONS] = talkers_key_address(frame, frame->destination),
		[TALKERS_PORTS] = talkers_key_port(frame),
	};

	/* the last one is for a reason that is asked for */
	if (!of && talkers->count < MOST_REASONS - 1)
		of = talkers_append(talkers, point, reason);
	for (unsigned int kind = 0; kind < TALKERS_KINDS; kind++) {
		top_add(&talkers->all[kind], key[kind].byte, key[kind].size, weight);
		if (of)
			top_add(&of->top[kind], key[kind].byte, key[kind].size, weight);
	}
	talkers->frames++;
}

const struct top *talkers_of(struct talkers *talkers, enum talkers_kind kind, unsigned int point,
			     __u32 reason)
{
	struct talkers_reason *of = talkers_find(talkers, point, reason);

	if (!of && talkers->count == MOST_REASONS) {
		talkers->count--;
		for (unsigned int i = 0; i < TALKERS_KINDS; i++)
			top_clear(&talkers->of[talkers->count].top[i]);
	}
	if (!of)
		of = talkers_append(talkers, point, reason);
	return &of->top[kind];
}

/* The names that people use; a number for the others. */
static struct talkers_name talkers_name_protocol(__u8 protocol)
{
	static const char *const names[256] = {
		[IPPROTO_ICMP] = "icmp", [IPPROTO_IGMP] = "igmp",	[IPPROTO_TCP] = "tcp",
		[IPPROTO_UDP] = "udp",	 [IPPROTO_DCCP] = "dccp",	[IPPROTO_IPV6] = "ip6",
		[IPPROTO_GRE] = "gre",	 [IPPROTO_ESP] = "esp",		[IPPROTO_AH] = "ah",
		[IPPROTO_SCTP] = "sctp", [IPPROTO_ICMPV6] = "icmp6",	[IPPROTO_IPIP] = "ipip",
		[IPPROTO_PIM] = "pim",	 [IPPROTO_UDPLITE] = "udplite",
	};
	struct talkers_name name;

	if (names[protocol])
		snprintf(name.text, sizeof(name.text), "%s", names[protocol]);
	else
		snprintf(name.text, sizeof(name.text), "protocol %u", protocol);
	return name;
}

static struct talkers_name talkers_name_ethertype(const __u8 *bytes)
{
	struct talkers_name name;
	__u16 ethertype;

	memcpy(&ethertype, bytes, sizeof(ethertype));
	if (ethertype == 0x0806)
		snprintf(name.text, sizeof(name.text), "arp");
	else if (ethertype)
		snprintf(name.text, sizeof(name.text), "ethertype 0x%04x", ethertype);
	else
		snprintf(name.text, sizeof(name.text), "unknown");
	return name;
}

struct talkers_name talkers_name(const struct top_entry *entry)
{
	const __u8 *value = entry->key + 1;
	struct talkers_name name = { "" };
	size_t used;

	switch (entry->key[0]) {
	case KEY_IP4:
		inet_ntop(AF_INET, value, name.text, sizeof(name.text));
		return name;
	case KEY_IP6:
		inet_ntop(AF_INET6, value, name.text, sizeof(name.text));
		return name;
	case KEY_ETHERTYPE:
		return talkers_name_ethertype(value);
	case KEY_PROTOCOL:
		return talkers_name_protocol(value[0]);
	default:
		name = talkers_name_protocol(value[0]);
		used = strlen(name.text);
		snprintf(name.text + used, sizeof(name.text) - used, "/%u",
			 value[1] << 8 | value[2]);
		return name;
	}
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * A small firewall as an example of xdpdrop/hook.h: it drops DNS answers and ICMP echo requests
 * with a payload larger than a plain ping's, passes everything else, and says why it drops.
 *
 * What makes it visible to xdpdrop-capture are three things: the enum of its reasons, the line
 * with XDPDROP_HOOK(), and xdpdrop_exit() where a frame is dropped. While nobody captures,
 * xdpdrop_exit() returns the action and the program works as it would without it.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include <xdpdrop/hook.h>

#ifndef FIREWALL_SECTION
#define FIREWALL_SECTION "xdp"
#endif

#define DNS_PORT 53
#define FRAGMENT_OFFSET 0x1fff
#define PING 8	  /* type of an ICMP echo request */
#define PING6 128 /* type of an ICMPv6 echo request */
#define PING_HEADER 8
#define MAX_PING_PAYLOAD 56

/* The names of this enum appear in captures. 0 means that no reason was given. */
enum fw_reason {
	DNS_REPLY = 1,
	PING_TOO_BIG = 2,
};

XDPDROP_HOOK(xdpdrop_hook, enum fw_reason);

/* What is left to parse: [data, end) shrinks from the front. */
struct cursor {
	void *data;
	void *end;
};

static __always_inline void *take(struct cursor *cursor, __u64 size)
{
	void *header = cursor->data;

	if (header + size > cursor->end)
		return 0;
	cursor->data += size;
	return header;
}

/* Step over the IPv4 header; returns the protocol above it or -1. @payload: bytes after it. */
static __always_inline int enter_ip4(struct cursor *cursor, __u32 *payload)
{
	struct iphdr *ip = take(cursor, sizeof(*ip));
	__u32 options;

	if (!ip || ip->ihl < 5)
		return -1;
	options = (ip->ihl - 5) * 4;
	*payload = bpf_ntohs(ip->tot_len) - sizeof(*ip) - options;
	/* Only the first fragment has the header above. */
	if (!take(cursor, options) || ip->frag_off & bpf_htons(FRAGMENT_OFFSET))
		return -1;
	return ip->protocol;
}

static __always_inline int enter_ip6(struct cursor *cursor, __u32 *payload)
{
	struct ipv6hdr *ip6 = take(cursor, sizeof(*ip6));

	if (!ip6)
		return -1;
	*payload = bpf_ntohs(ip6->payload_len);
	return ip6->nexthdr;
}

static __always_inline int enter_ip(struct cursor *cursor, __u16 ethertype, __u32 *payload)
{
	if (ethertype == bpf_htons(ETH_P_IP))
		return enter_ip4(cursor, payload);
	if (ethertype == bpf_htons(ETH_P_IPV6))
		return enter_ip6(cursor, payload);
	return -1;
}

static __always_inline __u32 judge_udp(struct cursor *cursor)
{
	struct udphdr *udp = take(cursor, sizeof(*udp));

	return udp && udp->source == bpf_htons(DNS_PORT) ? DNS_REPLY : 0;
}

static __always_inline __u32 judge_ping(struct cursor *cursor, __u8 request, __u32 payload)
{
	__u8 *type = take(cursor, PING_HEADER);

	if (!type || *type != request)
		return 0;
	return payload > PING_HEADER + MAX_PING_PAYLOAD ? PING_TOO_BIG : 0;
}

/* The reason to drop the frame, 0 to let it pass. */
static __always_inline __u32 judge(struct cursor *cursor)
{
	struct ethhdr *eth = take(cursor, sizeof(*eth));
	__u32 payload = 0;

	if (!eth)
		return 0;
	switch (enter_ip(cursor, eth->h_proto, &payload)) {
	case IPPROTO_UDP:
		return judge_udp(cursor);
	case IPPROTO_ICMP:
		return judge_ping(cursor, PING, payload);
	case IPPROTO_ICMPV6:
		return judge_ping(cursor, PING6, payload);
	default:
		return 0;
	}
}

SEC(FIREWALL_SECTION)
int firewall(struct xdp_md *ctx)
{
	struct cursor cursor = {
		.data = (void *)(long)ctx->data,
		.end = (void *)(long)ctx->data_end,
	};
	__u32 reason = judge(&cursor);

	if (!reason)
		return XDP_PASS;
	return xdpdrop_exit(ctx, &xdpdrop_hook, XDP_DROP, reason);
}

char _license[] SEC("license") = "GPL";

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Programs whose verdicts depend on what a replay has to provide: entries of maps, constants, tail
 * calls, the interface and the queue.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include <xdpdrop/hook.h>

#define PORT_OFFSET 34 /* of the source port behind Ethernet and IPv4 headers */
#define PUSHED 4

enum replayed_reason { BLOCKED_PORT = 1, BLOCKED_BY_LIMIT, BLOCKED_QUEUE, BLOCKED_STEP };

XDPDROP_HOOK(replayed_hook, enum replayed_reason);

const volatile __u32 limit; /* frames longer than this are dropped; 0: none are */

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u64);
	__uint(pinning, LIBBPF_PIN_BY_NAME);
} blocked SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, __u32);
} quota SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, __u32);
} steps SEC(".maps");

/* Drops by the entries of a map, and by a constant. */
SEC("xdp")
int ports(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	const char *literal = "global data in a section of its own";
	__u16 *port = data + PORT_OFFSET;
	__u32 key;

	if ((void *)(port + 1) > end)
		return XDP_PASS;
	if (limit && end - data > limit)
		return xdpdrop_exit(ctx, &replayed_hook, XDP_DROP, BLOCKED_BY_LIMIT);
	asm volatile("" : "+r"(literal));
	if (*literal != 'g')
		return XDP_ABORTED;
	key = bpf_ntohs(*port);
	if (bpf_map_lookup_elem(&blocked, &key))
		return xdpdrop_exit_rule(ctx, &replayed_hook, XDP_DROP, BLOCKED_PORT, key);
	return XDP_PASS;
}

/* Drops frames of queue 3, and after the first ones those above the quota of this CPU. */
SEC("xdp")
int queues(struct xdp_md *ctx)
{
	__u32 zero = 0;
	__u32 *left = bpf_map_lookup_elem(&quota, &zero);

	if (ctx->rx_queue_index == 3)
		return xdpdrop_exit(ctx, &replayed_hook, XDP_DROP, BLOCKED_QUEUE);
	if (left && *left && !--*left)
		return xdpdrop_exit(ctx, &replayed_hook, XDP_ABORTED, BLOCKED_BY_LIMIT);
	return XDP_PASS;
}

SEC("xdp")
int first_step(struct xdp_md *ctx)
{
	bpf_tail_call_static(ctx, &steps, 5);
	return XDP_PASS;
}

SEC("xdp")
int second_step(struct xdp_md *ctx)
{
	return xdpdrop_exit(ctx, &replayed_hook, XDP_DROP, BLOCKED_STEP);
}

/* Sends the frame back with four more bytes in front. */
SEC("xdp")
int push(struct xdp_md *ctx)
{
	void *data;

	if (bpf_xdp_adjust_head(ctx, -PUSHED))
		return XDP_ABORTED;
	data = (void *)(long)ctx->data;
	if (data + PUSHED > (void *)(long)ctx->data_end)
		return XDP_ABORTED;
	__builtin_memcpy(data, "push", PUSHED);
	return XDP_TX;
}

/* The kernel's verifier refuses it; it is loaded only by name. */
SEC("?xdp")
int refused(struct xdp_md *ctx)
{
	return *(__u8 *)(long)ctx->data;
}

char _license[] SEC("license") = "GPL";

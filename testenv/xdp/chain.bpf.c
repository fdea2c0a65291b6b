// SPDX-License-Identifier: GPL-2.0-only
/*
 * A program in two parts, the second behind a tail call that is no hook, and one that runs again
 * and again, as often as the kernel lets it.
 */
#include "verdict.bpf.h"

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, __u32);
} chain_parts SEC(".maps");

SEC("xdp")
int chain_first(struct xdp_md *ctx)
{
	bpf_tail_call(ctx, &chain_parts, 0);
	return XDP_PASS;
}

SEC("xdp")
int chain_second(struct xdp_md *ctx)
{
	struct frame_id id;

	return asked_action(ctx, &id);
}

SEC("xdp")
int chain_again(struct xdp_md *ctx)
{
	struct frame_id id;
	__u32 action = asked_action(ctx, &id);

	bpf_tail_call(ctx, &chain_parts, 1);
	return action;
}

char _license[] SEC("license") = "GPL";

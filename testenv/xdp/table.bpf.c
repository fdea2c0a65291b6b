// SPDX-License-Identifier: GPL-2.0-only
/*
 * A program that tail-calls others, by the number of the frame; frames for which there is none
 * pass.
 */
#include "verdict.bpf.h"

#define PARTS 2048

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, PARTS);
	__type(key, __u32);
	__type(value, __u32);
} table_parts SEC(".maps");

SEC("xdp")
int table(struct xdp_md *ctx)
{
	__u8 *data = (__u8 *)(long)ctx->data, *end = (__u8 *)(long)ctx->data_end;
	struct frame_id id;

	if (data + FRAME_HEADER <= end && frame_read(data, &id))
		bpf_tail_call(ctx, &table_parts, id.number);
	return XDP_PASS;
}

/* Has the slots of a hook. */
struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 5);
	__type(key, __u32);
	__type(value, __u32);
} table_short SEC(".maps");

/* No hook: while the slot is empty, the frame passes. */
SEC("xdp")
int table_of_five(struct xdp_md *ctx)
{
	bpf_tail_call_static(ctx, &table_short, XDP_DROP);
	return XDP_PASS;
}

/* A hook that nothing marks as one. */
SEC("xdp")
int table_unmarked(struct xdp_md *ctx)
{
	struct frame_id id;
	__u32 action = asked_action(ctx, &id);

	bpf_tail_call(ctx, &table_short, action);
	return action;
}

char _license[] SEC("license") = "GPL";

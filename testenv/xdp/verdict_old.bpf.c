// SPDX-License-Identifier: GPL-2.0-only
/*
 * verdict_hook as an object that was built with the hook.h of 0.1: its cell holds a reason alone.
 */
#include "verdict.bpf.h"

enum verdict_reason {
	NUMBER_EVEN = 1,
	NUMBER_ODD = 2,
};

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 5);
	__type(key, __u32);
	__type(
		value, struct { enum verdict_reason xdpdrop_reason; });
} xdpdrop_hook SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} xdpdrop_reason SEC(".maps");

SEC("xdp")
int verdict_old(struct xdp_md *ctx)
{
	__u32 key = 0, *cell = bpf_map_lookup_elem(&xdpdrop_reason, &key);
	struct frame_id id;
	__u32 action = asked_action(ctx, &id);

	if (action > XDP_REDIRECT)
		return action;
	if (cell)
		*cell = id.number % 2 ? NUMBER_ODD : NUMBER_EVEN;
	bpf_tail_call(ctx, &xdpdrop_hook, action);
	return action;
}

char _license[] SEC("license") = "GPL";

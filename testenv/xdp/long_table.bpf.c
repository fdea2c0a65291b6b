// SPDX-License-Identifier: GPL-2.0-only
/*
 * A program with a tail-call table that is longer than what a capture looks at.
 */
#include "verdict.bpf.h"
#include <xdpdrop/hook.h>

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 65546);
	__type(key, __u32);
	__type(value, __u32);
} table_long SEC(".maps");

XDPDROP_HOOK(xdpdrop_hook);

SEC("xdp")
int long_table(struct xdp_md *ctx)
{
	struct frame_id id;
	__u32 action = asked_action(ctx, &id);

	bpf_tail_call(ctx, &table_long, id.number);
	return action > XDP_REDIRECT ? action : xdpdrop_exit(ctx, &xdpdrop_hook, action, 1);
}

char _license[] SEC("license") = "GPL";

// SPDX-License-Identifier: GPL-2.0-only
/*
 * The tail-call target of every hook. One instance per hook and action, so that it knows both:
 * it records the frame and ends the run with the verdict that the hook was called for.
 */
#include "emit.bpf.h"

const volatile __u32 action;

/* The hook's own program's cell, when it has one; otherwise a cell that stays 0. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} xdpdrop_reason SEC(".maps");

SEC("xdp")
int xdpdrop_capture(struct xdp_md *ctx)
{
	__u32 zero = 0, *reason = bpf_map_lookup_elem(&xdpdrop_reason, &zero);

	xdpdrop_emit_xdp(ctx, action, reason ? *reason : 0);
	return action;
}

char _license[] SEC("license") = "GPL";

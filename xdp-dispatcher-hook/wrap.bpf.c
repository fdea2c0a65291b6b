// SPDX-License-Identifier: GPL-2.0-only
/*
 * Takes the root slot of an interface and runs the program that was there, unmodified, by a
 * tail call from a subprogram: the verdict comes back here (x86-64 >= 5.10, arm64 >= 6.0).
 */
#include "emit.bpf.h"

const volatile __u32 point; /* of the session, for the records */

/* Bit n set: record frames whose verdict is n. */
const volatile __u32 actions;

/* Holds the wrapped program. Pinned while attached: a PROG_ARRAY empties with its last user. */
struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} xdpdrop_target SEC(".maps");

/* Not static: neither compiler nor verifier may take the fall-through value for the verdict. */
__attribute__((noinline)) int xdpdrop_run(struct xdp_md *ctx)
{
	volatile int unreached = XDP_PASS;

	bpf_tail_call_static(ctx, &xdpdrop_target, 0);
	return unreached;
}

SEC("xdp")
int xdpdrop_wrap(struct xdp_md *ctx)
{
	__u32 action = xdpdrop_run(ctx);
	__u32 judged = action > XDP_REDIRECT ? XDP_ABORTED : action;

	if (actions & (1 << judged))
		xdpdrop_emit_xdp(ctx, point, action, 0, 0, 1);
	return action;
}

char _license[] SEC("license") = "GPL";

// SPDX-License-Identifier: GPL-2.0-only
/*
 * The wrapper: attached to an interface in place of a program, which it runs unmodified by a tail
 * call from a subprogram. The verdict is returned here (x86-64 >= 5.10, arm64 >= 6.0).
 */
#include "emit.bpf.h"

const volatile __u32 point; /* capture point of the session */

/* Bit n: record frames whose verdict is n. */
const volatile __u32 actions;

/* The target. Pinned while attached, because the kernel empties a PROG_ARRAY without users. */
struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} xdpdrop_target SEC(".maps");

/*
 * Not static: neither the compiler nor the verifier may use the fall-through value as the verdict.
 */
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

// SPDX-License-Identifier: GPL-2.0-only
/*
 * The verdict that the frame asks for, through a hook, with the parity of the frame's number as
 * the reason. Load one of the two programs only: the hook belongs to the first that is loaded.
 */
#include "verdict.bpf.h"
#include <xdpdrop/hook.h>

enum verdict_reason {
	NUMBER_EVEN = 1,
	NUMBER_ODD = 2,
};

XDPDROP_HOOK(xdpdrop_hook, enum verdict_reason);

static __always_inline int leave(struct xdp_md *ctx, __u32 action, __u32 number)
{
	if (action > XDP_REDIRECT)
		return action;
	return xdpdrop_exit(ctx, &xdpdrop_hook, action, number % 2 ? NUMBER_ODD : NUMBER_EVEN);
}

SEC("xdp")
int verdict_hook(struct xdp_md *ctx)
{
	struct frame_id id;
	__u32 action = asked_action(ctx, &id);

	return leave(ctx, action, id.number);
}

SEC("xdp.frags")
int verdict_hook_fr(struct xdp_md *ctx)
{
	struct frame_id id;
	__u32 action = asked_action_frags(ctx, &id);

	return leave(ctx, action, id.number);
}

char _license[] SEC("license") = "GPL";

// SPDX-License-Identifier: GPL-2.0-only
/*
 * The verdict that the frame asks for, through a hook: the reason is the parity of the frame's
 * number, the rule the number plus 2^40. verdict_old states its reasons as programs did that were
 * built with the hook.h of 0.1.
 */
#include "verdict.bpf.h"
#include <xdpdrop/hook.h>

#define FIRST_RULE (1ULL << 40)

enum verdict_reason {
	NUMBER_EVEN = 1,
	NUMBER_ODD = 2,
};

XDPDROP_HOOK(xdpdrop_hook, enum verdict_reason);

SEC("xdp")
int verdict_rule(struct xdp_md *ctx)
{
	struct frame_id id;
	__u32 action = asked_action(ctx, &id);

	if (action > XDP_REDIRECT)
		return action;
	return xdpdrop_exit_rule(ctx, &xdpdrop_hook, action,
				 id.number % 2 ? NUMBER_ODD : NUMBER_EVEN, FIRST_RULE + id.number);
}

char _license[] SEC("license") = "GPL";

// SPDX-License-Identifier: GPL-2.0-only
/*
 * One program with two hooks: even frames leave through the first, odd ones through the second,
 * which names no reasons.
 */
#include "verdict.bpf.h"
#include <xdpdrop/hook.h>

enum first_reason {
	FIRST_ONLY = 7,
};

XDPDROP_HOOK(first_hook, enum first_reason);
XDPDROP_HOOK(second_hook);

SEC("xdp")
int verdict_two(struct xdp_md *ctx)
{
	struct frame_id id;
	__u32 action = asked_action(ctx, &id);

	if (action > XDP_REDIRECT)
		return action;
	if (id.number % 2)
		return xdpdrop_exit(ctx, &second_hook, action, 900 + id.number % 3);
	return xdpdrop_exit(ctx, &first_hook, action, FIRST_ONLY);
}

char _license[] SEC("license") = "GPL";

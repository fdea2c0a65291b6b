// SPDX-License-Identifier: GPL-2.0-only
/*
 * A program with a hook that has the name of libxdp's dispatcher, and is none.
 */
#include "verdict.bpf.h"
#include <xdpdrop/hook.h>

enum namesake_reason {
	NAMESAKE = 1,
};

XDPDROP_HOOK(xdpdrop_hook, enum namesake_reason);

SEC("xdp")
int xdp_dispatcher(struct xdp_md *ctx)
{
	struct frame_id id;
	__u32 action = asked_action(ctx, &id);

	return action > XDP_REDIRECT ? action : xdpdrop_exit(ctx, &xdpdrop_hook, action, NAMESAKE);
}

char _license[] SEC("license") = "GPL";

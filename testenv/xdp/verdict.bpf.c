// SPDX-License-Identifier: GPL-2.0-only
/*
 * A program that knows nothing of captures: it gives the verdict that the frame asks for.
 */
#include "verdict.bpf.h"

SEC("xdp")
int verdict(struct xdp_md *ctx)
{
	struct frame_id id;

	return asked_action(ctx, &id);
}

SEC("xdp.frags")
int verdict_frags(struct xdp_md *ctx)
{
	struct frame_id id;

	return asked_action_frags(ctx, &id);
}

char _license[] SEC("license") = "GPL";

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Programs for libxdp's dispatcher, with their places in it and what they let it go on after.
 */
#include "verdict.bpf.h"
#include <xdp/xdp_helpers.h>

struct {
	__uint(priority, 10);
	__uint(XDP_PASS, 1);
} XDP_RUN_CONFIG(drop_sender_1);

struct {
	__uint(priority, 20);
	__uint(XDP_PASS, 1);
} XDP_RUN_CONFIG(drop_whatever_asks_to_be_dropped);

struct {
	__uint(priority, 5);
	__uint(XDP_PASS, 1);
	__uint(XDP_DROP, 1);
} XDP_RUN_CONFIG(drop_and_go_on);

/* Drops all frames of sender 1 and no others. */
SEC("xdp")
int drop_sender_1(struct xdp_md *ctx)
{
	struct frame_id id = { 0 };

	asked_action(ctx, &id);
	return id.sender == 1 ? XDP_DROP : XDP_PASS;
}

/* Names of more than 15 bytes are in BTF only. */
SEC("xdp")
int drop_whatever_asks_to_be_dropped(struct xdp_md *ctx)
{
	struct frame_id id;

	return asked_action(ctx, &id);
}

/* A drop that is not the last word. */
SEC("xdp")
int drop_and_go_on(struct xdp_md *ctx)
{
	struct frame_id id;

	return asked_action(ctx, &id);
}

char _license[] SEC("license") = "GPL";

// SPDX-License-Identifier: GPL-2.0-only
/*
 * The two ends of the flood: one program sends every frame of a live test run back out of its
 * interface, the other, attached to that interface, lets the veth driver take such frames.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int flood_send(struct xdp_md *ctx)
{
	(void)ctx;
	return XDP_TX;
}

SEC("xdp")
int flood_pass(struct xdp_md *ctx)
{
	(void)ctx;
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";

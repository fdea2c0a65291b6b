// SPDX-License-Identifier: GPL-2.0-only
/*
 * The program of the flood sends every frame of a live test run back out of its interface. The
 * other is a plain one, for tests that need some program.
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

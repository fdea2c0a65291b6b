// SPDX-License-Identifier: GPL-2.0-only
/*
 * A program with an xdpcap hook of 5 slots.
 */
#define XDPCAP_SLOTS 5
#include "xdpcap.bpf.h"

SEC("xdp")
int xdpcap5(struct xdp_md *ctx)
{
	return leave(ctx);
}

char _license[] SEC("license") = "GPL";

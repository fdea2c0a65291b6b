// SPDX-License-Identifier: GPL-2.0-only
/*
 * A program with an xdpcap hook of 4 slots, as xdpcap had it before XDP_REDIRECT.
 */
#define XDPCAP_SLOTS 4
#include "xdpcap.bpf.h"

SEC("xdp")
int xdpcap4(struct xdp_md *ctx)
{
	return leave(ctx);
}

char _license[] SEC("license") = "GPL";

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sends every frame back where it came from, by a redirect that a veth without XDP at its other
 * end does not take.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int redirect_back(struct xdp_md *ctx)
{
	return bpf_redirect(ctx->ingress_ifindex, 0);
}

char _license[] SEC("license") = "GPL";

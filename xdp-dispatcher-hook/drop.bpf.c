// SPDX-License-Identifier: GPL-2.0-only
/*
 * A ready-made last member of libxdp's dispatcher. It drops the frames that an earlier member has
 * tagged.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <xdp/xdp_helpers.h>

#include <xdpdrop/hook.h>

struct {
	__uint(priority, 90);
	__uint(XDP_PASS, 1);
} XDP_RUN_CONFIG(xdpdrop_drop);

SEC("xdp.frags")
int xdpdrop_drop(struct xdp_md *ctx)
{
	return xdpdrop_tagged(ctx) ? XDP_DROP : XDP_PASS;
}

char _license[] SEC("license") = "GPL";

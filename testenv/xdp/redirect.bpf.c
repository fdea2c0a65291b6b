// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sends every test frame back where it came from, by a redirect that a veth without XDP at its
 * other end does not take. What the machine itself sends meanwhile passes.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "frame.h"

SEC("xdp")
int redirect_back(struct xdp_md *ctx)
{
	__u8 *data = (__u8 *)(long)ctx->data, *end = (__u8 *)(long)ctx->data_end;
	struct frame_id id;

	if (data + FRAME_HEADER > end || !frame_read(data, &id))
		return XDP_PASS;
	return bpf_redirect(ctx->ingress_ifindex, 0);
}

char _license[] SEC("license") = "GPL";

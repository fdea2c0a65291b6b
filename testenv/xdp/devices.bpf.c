// SPDX-License-Identifier: GPL-2.0-only
/*
 * Drops IPv4 and IPv6 packets that come without a link-layer header, and passes the rest.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <xdpdrop/hook.h>

enum device_reason {
	BARE_PACKET = 1,
};

XDPDROP_HOOK(xdpdrop_hook, enum device_reason);

static __always_inline int is_bare(struct xdp_md *ctx)
{
	__u8 *data = (__u8 *)(long)ctx->data, *end = (__u8 *)(long)ctx->data_end;

	return data + 20 <= end && (data[0] == 0x45 || data[0] >> 4 == 6);
}

SEC("xdp")
int drop_bare(struct xdp_md *ctx)
{
	return is_bare(ctx) ? XDP_DROP : XDP_PASS;
}

SEC("xdp")
int drop_bare_hook(struct xdp_md *ctx)
{
	return is_bare(ctx) ? xdpdrop_exit(ctx, &xdpdrop_hook, XDP_DROP, BARE_PACKET) : XDP_PASS;
}

char _license[] SEC("license") = "GPL";

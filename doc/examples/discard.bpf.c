// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/udp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include <xdpdrop/hook.h>

enum reason {
	TOO_SHORT = 1,
	DISCARD_PORT,
};

XDPDROP_HOOK(discard_hook, enum reason);

#define DROP(reason) xdpdrop_exit(ctx, &discard_hook, XDP_DROP, reason)

SEC("xdp")
int discard(struct xdp_md *ctx)
{
	void *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = (void *)(long)ctx->data;
	struct iphdr *ip = (void *)(eth + 1);
	struct udphdr *udp = (void *)(ip + 1);

	if ((void *)ip > end || eth->h_proto != bpf_htons(ETH_P_IP))
		return XDP_PASS;
	if ((void *)udp > end)
		return DROP(TOO_SHORT);
	if (ip->protocol != IPPROTO_UDP || ip->ihl != 5)
		return XDP_PASS;
	if ((void *)(udp + 1) > end)
		return DROP(TOO_SHORT);
	if (udp->dest == bpf_htons(9))
		return DROP(DISCARD_PORT);
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";

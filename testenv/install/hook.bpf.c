// SPDX-License-Identifier: GPL-2.0-only
/*
 * An XDP program that uses the installed hook.h, with and without names for its reasons.
 */
#include <xdpdrop/hook.h>

enum reason { REASON_NONE, REASON_EMPTY };

XDPDROP_HOOK(named_hook, enum reason);
XDPDROP_HOOK(plain_hook);

SEC("xdp")
int drop_empty(struct xdp_md *ctx)
{
	if (ctx->data == ctx->data_end)
		return xdpdrop_exit(ctx, &named_hook, XDP_DROP, REASON_EMPTY);
	return xdpdrop_exit_plain(ctx, &plain_hook, XDP_PASS);
}

char _license[] SEC("license") = "GPL";

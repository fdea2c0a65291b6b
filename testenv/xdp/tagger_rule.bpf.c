// SPDX-License-Identifier: GPL-2.0-only
/*
 * A tag with a rule: the reason is as of tagger.bpf.c, the rule 1000 times as much.
 */
#include "tagger.bpf.h"

struct {
	__uint(priority, 40);
	__uint(XDP_PASS, 1);
} XDP_RUN_CONFIG(tagger_rule);

SEC("xdp.frags")
int tagger_rule(struct xdp_md *ctx)
{
	struct frame_id id;
	__u32 reason = read_mark(ctx, &id) ? reason_for(&id) : 0;

	/* the tag without a rule is replaced by one with it */
	if (reason && reason % 2 && xdpdrop_tag(ctx, reason))
		return counted(XDP_ABORTED);
	if (reason && xdpdrop_tag_rule(ctx, reason, 1000ULL * reason))
		return counted(XDP_ABORTED);
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";

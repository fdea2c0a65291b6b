// SPDX-License-Identifier: GPL-2.0-only
/*
 * The two ends of a tag, as an example: one program decides and says why, the other, which runs
 * later in libxdp's dispatcher, drops. A capture sees the frames between the two.
 */
#include "tagger.bpf.h"

struct {
	__uint(priority, 40);
	__uint(XDP_PASS, 1);
} XDP_RUN_CONFIG(tagger);

SEC("xdp.frags")
int tagger(struct xdp_md *ctx)
{
	struct frame_id id;
	__u32 reason = read_mark(ctx, &id) ? reason_for(&id) : 0;

	/* without room for a tag it has to be dropped here */
	if (reason && xdpdrop_tag(ctx, reason))
		return counted(XDP_ABORTED);
	return XDP_PASS;
}

struct {
	__uint(priority, 60);
	__uint(XDP_PASS, 1);
} XDP_RUN_CONFIG(dropper);

SEC("xdp.frags")
int dropper(struct xdp_md *ctx)
{
	struct frame_id id;

	if (xdpdrop_tagged(ctx))
		return counted(XDP_DROP);
	return read_mark(ctx, &id) ? counted(XDP_PASS) : XDP_PASS;
}

char _license[] SEC("license") = "GPL";

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the test programs share: the verdict is the one that the frame asks for, and a program
 * counts the verdicts it gave, so that a test can compare runs.
 */
#ifndef XDPDROP_TESTENV_VERDICT_BPF_H
#define XDPDROP_TESTENV_VERDICT_BPF_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "frame.h"

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, FRAME_VERDICTS);
	__type(key, __u32);
	__type(value, __u64);
} verdicts SEC(".maps");

/* The action that a frame with mark @id asks for, counted. */
static __always_inline __u32 asked_by(struct xdp_md *ctx, const struct frame_id *id)
{
	__u32 key = id->verdict < FRAME_VERDICTS ? id->verdict : FRAME_VERDICT_INVALID;
	__u64 *count = bpf_map_lookup_elem(&verdicts, &key);

	if (count)
		++*count;
	if (key == XDP_REDIRECT)
		return bpf_redirect(ctx->ingress_ifindex, 0);
	return key == FRAME_VERDICT_INVALID ? FRAME_INVALID_ACTION : key;
}

/*
 * The action that the frame asks for. Frames without a mark pass uncounted: they are the
 * neighbour discovery and the like of the machine.
 */
static __always_inline __u32 asked_action(struct xdp_md *ctx, struct frame_id *id)
{
	__u8 *data = (__u8 *)(long)ctx->data, *end = (__u8 *)(long)ctx->data_end;

	id->number = 0;
	if (data + FRAME_HEADER > end || !frame_read(data, id))
		return XDP_PASS;
	return asked_by(ctx, id);
}

/* The same where the mark may be in a fragment. */
static __always_inline __u32 asked_action_frags(struct xdp_md *ctx, struct frame_id *id)
{
	__u8 header[FRAME_HEADER];

	id->number = 0;
	if (bpf_xdp_load_bytes(ctx, 0, header, sizeof(header)) || !frame_read(header, id))
		return XDP_PASS;
	return asked_by(ctx, id);
}

#endif

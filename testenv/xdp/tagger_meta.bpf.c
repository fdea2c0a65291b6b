// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tags by programs that use XDP metadata themselves: a little of it, or all that old kernels
 * allow. The program that drops finds it behind the tag, unchanged, whatever ran in between.
 */
#include "tagger.bpf.h"

#define OWN_MAGIC 0x6f776e21

struct own {
	__u32 magic;
	__u32 number;
	__u32 filler[];
};

/* Put @size bytes in front of the frame; 0 or a negative errno. */
static __always_inline int add_own(struct xdp_md *ctx, const struct frame_id *id, int size)
{
	int err = bpf_xdp_adjust_meta(ctx, -size);
	struct own *own = (struct own *)(long)ctx->data_meta;

	if (err || (void *)(own + 1) > (void *)(long)ctx->data)
		return err ?: -1;
	own->magic = OWN_MAGIC;
	own->number = id->number;
	return 0;
}

/* Every marked frame gets metadata, those to be dropped a tag as well. */
static __always_inline int tag_with(struct xdp_md *ctx, int size)
{
	struct frame_id id;
	__u32 reason;

	if (!read_mark(ctx, &id))
		return XDP_PASS;
	if (add_own(ctx, &id, size))
		return counted(FRAME_VERDICT_INVALID);
	reason = reason_for(&id);
	if (reason && xdpdrop_tag(ctx, reason))
		return counted(XDP_ABORTED);
	return XDP_PASS;
}

struct {
	__uint(priority, 40);
	__uint(XDP_PASS, 1);
} XDP_RUN_CONFIG(tagger_meta);

SEC("xdp.frags")
int tagger_meta(struct xdp_md *ctx)
{
	return tag_with(ctx, 8);
}

struct {
	__uint(priority, 40);
	__uint(XDP_PASS, 1);
} XDP_RUN_CONFIG(tagger_full);

SEC("xdp.frags")
int tagger_full(struct xdp_md *ctx)
{
	return tag_with(ctx, 28);
}

static __always_inline int own_is_there(struct xdp_md *ctx, const struct frame_id *id)
{
	struct own *own = (struct own *)(long)ctx->data_meta;

	if (xdpdrop_tagged(ctx))
		own = (void *)own + sizeof(struct xdpdrop_mark);
	if ((void *)(own + 1) > (void *)(long)ctx->data)
		return 0;
	return own->magic == OWN_MAGIC && own->number == id->number;
}

struct {
	__uint(priority, 60);
	__uint(XDP_PASS, 1);
} XDP_RUN_CONFIG(dropper_meta);

SEC("xdp.frags")
int dropper_meta(struct xdp_md *ctx)
{
	struct frame_id id;

	if (!read_mark(ctx, &id))
		return XDP_PASS;
	if (!own_is_there(ctx, &id))
		return counted(FRAME_VERDICT_INVALID);
	return counted(xdpdrop_tagged(ctx) ? XDP_DROP : XDP_PASS);
}

char _license[] SEC("license") = "GPL";

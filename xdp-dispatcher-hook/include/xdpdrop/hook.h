/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * For authors of XDP programs: one line makes a drop visible to xdpdrop.
 *
 *	enum fw_reason { FW_PASS, FW_BLOCKLIST, FW_BAD_CHECKSUM };
 *	XDPDROP_HOOK(xdpdrop_hook, enum fw_reason);
 *	...
 *	return xdpdrop_exit(ctx, &xdpdrop_hook, XDP_DROP, FW_BLOCKLIST);
 *
 * While no capture runs, this costs a store and a tail call into an empty slot, and the program
 * returns the action. See xdpdrop-hook(7).
 */
#ifndef XDPDROP_HOOK_H
#define XDPDROP_HOOK_H

/* A program that includes vmlinux.h has these types from there. */
#ifndef __VMLINUX_H__
#include <linux/bpf.h>
#endif
#include <bpf/bpf_helpers.h>

#include <xdpdrop/record.h>

/*
 * XDPDROP_HOOK(name) or XDPDROP_HOOK(name, enum type): declare a hook.
 *
 * A BPF_MAP_TYPE_PROG_ARRAY of five slots, one per XDP action, as Cloudflare's xdpcap expects
 * it. The name of the value's member marks the map as a hook, as opposed to a tail-call table of
 * the program. If its type is an enum, the enumerators are the names of the reasons.
 * Since: 0.1
 */
#define XDPDROP_HOOK(...)                                                                          \
	XDPDROP_HOOK_PICK(__VA_ARGS__, XDPDROP_HOOK_2, XDPDROP_HOOK_1)(__VA_ARGS__)
#define XDPDROP_HOOK_PICK(name, type, macro, ...) macro
#define XDPDROP_HOOK_1(name) XDPDROP_HOOK_2(name, __u32)
/* clang-format off */
#define XDPDROP_HOOK_2(name, reason_type)                                                          \
	struct {                                                                                   \
		__uint(type, BPF_MAP_TYPE_PROG_ARRAY);                                             \
		__uint(max_entries, 5);                                                            \
		__type(key, __u32);                                                                \
		__type(value, struct { reason_type xdpdrop_reason; });                             \
	} name SEC(".maps")
/* clang-format on */

/* The reason and rule that a program passes to the capture program. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct xdpdrop_why);
} xdpdrop_reason SEC(".maps") __attribute__((weak));

/*
 * xdpdrop_exit_rule() - leave the program with @action, and pass the frame to a capture.
 * @hook: address of a map declared by XDPDROP_HOOK()
 * @action: the verdict, an enum xdp_action
 * @reason: the program's own number for the class of drop, not 0 (0 means none)
 * @rule: the program's own number of the rule that matched: an id, a map's key, __LINE__;
 *	  0 means none
 *
 * Returns @action. While a capture is armed for that action, it does not return: the capture
 * program ends the run with the same action. Uses one of the 33 tail calls a run may make.
 * Since: 0.2
 */
static __always_inline int xdpdrop_exit_rule(struct xdp_md *ctx, void *hook, __u32 action,
					     __u32 reason, __u64 rule)
{
	__u32 key = 0;
	struct xdpdrop_why *why = bpf_map_lookup_elem(&xdpdrop_reason, &key);

	if (why) {
		why->reason = reason;
		why->rule = rule;
	}
	if (__builtin_constant_p(action))
		bpf_tail_call_static(ctx, hook, action);
	else
		bpf_tail_call(ctx, hook, action);
	return action;
}

/*
 * xdpdrop_exit() - xdpdrop_exit_rule() without a rule.
 * Since: 0.1
 */
static __always_inline int xdpdrop_exit(struct xdp_md *ctx, void *hook, __u32 action, __u32 reason)
{
	return xdpdrop_exit_rule(ctx, hook, action, reason, 0);
}

/*
 * xdpdrop_exit_plain() - xdpdrop_exit() without a reason.
 * Since: 0.1
 */
static __always_inline int xdpdrop_exit_plain(struct xdp_md *ctx, void *hook, __u32 action)
{
	return xdpdrop_exit(ctx, hook, action, 0);
}

/*
 * Tags: where one program decides and another one, later in libxdp's dispatcher, drops.
 *
 *	classifier:	if (xdpdrop_tag(ctx, FW_BLOCKLIST))
 *				return XDP_DROP;	no room for a tag: drop here, uncaptured
 *			return XDP_PASS;		on to the next program
 *	dropper:	return xdpdrop_tagged(ctx) ? XDP_DROP : XDP_PASS;
 *
 * A tag is 8 bytes of XDP metadata in front of other metadata of the frame. It stays with the frame
 * when bpf_xdp_adjust_head() moves the frame's start. It is found only at the start of the
 * metadata: a program with its own metadata adds that before it tags the frame, and finds it again
 * at data_meta + sizeof(struct xdpdrop_mark).
 */
#define XDPDROP_MARK_MAGIC 0x78647074	   /* "xdpt" */
#define XDPDROP_MARK_RULE_MAGIC 0x78647275 /* "xdru": struct xdpdrop_mark_rule */

struct xdpdrop_mark {
	__u32 magic;
	__u32 reason;
};

/* A tag with a rule takes 16 bytes. Since: 0.2 */
struct xdpdrop_mark_rule {
	struct xdpdrop_mark mark;
	__u64 rule;
};

/* The frame's tag. NULL: it has none, or its driver does not support metadata. Since: 0.1 */
static __always_inline struct xdpdrop_mark *xdpdrop_find_mark(struct xdp_md *ctx)
{
	struct xdpdrop_mark *mark = (struct xdpdrop_mark *)(long)ctx->data_meta;

	if ((void *)(mark + 1) > (void *)(long)ctx->data ||
	    (mark->magic != XDPDROP_MARK_MAGIC && mark->magic != XDPDROP_MARK_RULE_MAGIC))
		return 0;
	return mark;
}

/* The frame's tag if it has room for a rule, otherwise NULL. Since: 0.2 */
static __always_inline struct xdpdrop_mark_rule *xdpdrop_find_mark_rule(struct xdp_md *ctx)
{
	struct xdpdrop_mark_rule *tag = (struct xdpdrop_mark_rule *)(long)ctx->data_meta;

	if ((void *)(tag + 1) > (void *)(long)ctx->data ||
	    tag->mark.magic != XDPDROP_MARK_RULE_MAGIC)
		return 0;
	return tag;
}

/*
 * xdpdrop_tag() - mark the frame as one to be dropped.
 * @reason: the program's own number for why, not 0 (0 means none)
 *
 * The frame's start does not move, but pointers into it have to be read from @ctx again. A tagged
 * frame keeps its tag, with the new reason.
 *
 * Returns 0, or a negative errno and an unmarked frame: the driver does not support metadata
 * (-524, ENOTSUPP), the headroom is used up (-EINVAL), or the metadata would exceed the kernel's
 * limit (-EACCES) of 32 bytes, 255 on newer kernels. Generic XDP always has room for one tag.
 * Since: 0.1
 */
static __always_inline int xdpdrop_tag(struct xdp_md *ctx, __u32 reason)
{
	struct xdpdrop_mark *mark = xdpdrop_find_mark(ctx);

	if (!mark) {
		int err = bpf_xdp_adjust_meta(ctx, -(int)sizeof(*mark));

		if (err)
			return err;
		mark = (struct xdpdrop_mark *)(long)ctx->data_meta;
		/* never true; for the verifier */
		if ((void *)(mark + 1) > (void *)(long)ctx->data)
			return -14;
		mark->magic = XDPDROP_MARK_MAGIC;
	}
	mark->reason = reason;
	if (mark->magic == XDPDROP_MARK_RULE_MAGIC) {
		struct xdpdrop_mark_rule *tag = xdpdrop_find_mark_rule(ctx);

		if (tag)
			tag->rule = 0;
	}
	return 0;
}

/*
 * xdpdrop_tag_rule() - xdpdrop_tag() with a rule, as in xdpdrop_exit_rule().
 *
 * A tag with a rule takes 16 bytes. A frame whose tag has no rule gets another tag in front of it.
 * Returns 0 or a negative errno, as xdpdrop_tag(). After an error an earlier tag is unchanged.
 * Since: 0.2
 */
static __always_inline int xdpdrop_tag_rule(struct xdp_md *ctx, __u32 reason, __u64 rule)
{
	struct xdpdrop_mark_rule *tag = xdpdrop_find_mark_rule(ctx);

	if (!tag) {
		int err = bpf_xdp_adjust_meta(ctx, -(int)sizeof(*tag));

		if (err)
			return err;
		tag = (struct xdpdrop_mark_rule *)(long)ctx->data_meta;
		/* never true; for the verifier */
		if ((void *)(tag + 1) > (void *)(long)ctx->data)
			return -14;
		tag->mark.magic = XDPDROP_MARK_RULE_MAGIC;
	}
	tag->mark.reason = reason;
	tag->rule = rule;
	return 0;
}

/* xdpdrop_tagged() - 1: the frame is marked as one to be dropped; 0: it is not. Since: 0.1 */
static __always_inline int xdpdrop_tagged(struct xdp_md *ctx)
{
	return xdpdrop_find_mark(ctx) != 0;
}

/* xdpdrop_tag_reason() - the reason in the frame's tag, 0 if it has none. Since: 0.1 */
static __always_inline __u32 xdpdrop_tag_reason(struct xdp_md *ctx)
{
	struct xdpdrop_mark *mark = xdpdrop_find_mark(ctx);

	return mark ? mark->reason : 0;
}

/* xdpdrop_tag_rule_of() - the rule in the frame's tag, 0 if it has none. Since: 0.2 */
static __always_inline __u64 xdpdrop_tag_rule_of(struct xdp_md *ctx)
{
	struct xdpdrop_mark_rule *tag = xdpdrop_find_mark_rule(ctx);

	return tag ? tag->rule : 0;
}

#endif

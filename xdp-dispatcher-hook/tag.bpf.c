// SPDX-License-Identifier: GPL-2.0-only
/*
 * The tag member: a member of libxdp's dispatcher that runs before the program that drops tagged
 * frames, and passes these frames to a capture. It passes every frame on to the next member,
 * captured or not.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <xdp/xdp_helpers.h>

#include "control.h"
#include <xdpdrop/hook.h>

/* After all programs with the default priority (50), and directly before drop.bpf.c. */
struct {
	__uint(priority, 89);
	__uint(XDP_PASS, 1);
} XDP_RUN_CONFIG(xdpdrop_tag_tap);

/* The name of this member marks the kind of hook. */
struct xdpdrop_tag_value {
	__u32 xdpdrop_tagged;
};

/*
 * A kind of hook: frames in slot XDP_DROP will be dropped later, and slot XDP_PASS gets frames
 * without a tag. In both slots the capture program returns XDP_PASS.
 */
struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 5);
	__type(key, __u32);
	__type(value, struct xdpdrop_tag_value);
} xdpdrop_tags SEC(".maps");

/* The owner of the capture that placed this member, as a signature; otherwise empty. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct xdpdrop_owner);
} xdpdrop_owner SEC(".maps");

SEC("xdp.frags")
int xdpdrop_tag_tap(struct xdp_md *ctx)
{
	struct xdpdrop_mark *mark = xdpdrop_find_mark(ctx);
	__u32 reason = mark ? mark->reason : 0;

	/* the kernel lists only maps that an instruction refers to as the program's */
	asm volatile("" : : "r"(&xdpdrop_owner));
	if (mark)
		xdpdrop_exit_rule(ctx, &xdpdrop_tags, XDP_DROP, reason, xdpdrop_tag_rule_of(ctx));
	else
		xdpdrop_exit_plain(ctx, &xdpdrop_tags, XDP_PASS);
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";

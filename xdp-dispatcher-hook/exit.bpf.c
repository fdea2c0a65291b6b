// SPDX-License-Identifier: GPL-2.0-only
/*
 * An fexit program: the kernel calls it after each run of one program, with its verdict. It records
 * the frame if this is the verdict of the pipeline. A tracing program cannot be tail-called, so
 * this program does not use a hook.
 */
#include "captured.bpf.h"
#include "emit.bpf.h"
#include "gather.bpf.h"

const volatile __u32 point;	  /* capture point of the session */
const volatile __u8 beside_hooks; /* hooks of the same programs are armed; skip their frames */

/* Bit n: record frames whose verdict is n. */
const volatile __u32 actions;

/*
 * Maximum number of bytes to gather of a frame in fragments: all if there is a filter, otherwise
 * the snap length.
 */
const volatile __u32 reach;

/*
 * Bit n: after verdict n the dispatcher runs the next member. Changes while the program is
 * attached: the verdict of a single member is always final.
 */
volatile __u32 chain;

/* The program is the last member: after a chained verdict the dispatcher passes the frame. */
volatile __u8 last;

/* The dispatcher shifts 1 by the verdict, and thus uses its lowest five bits. */
static __always_inline int is_chained(__u32 action)
{
	return (chain & (1U << (action & 31))) != 0;
}

/*
 * Has a hook recorded the frame? Called for each frame, so that no mark is left for the next one.
 * @final: there is no later exit.
 */
static __always_inline int was_shown(__u32 ifindex, int final)
{
	struct xdpdrop_state *state = xdpdrop_state();
	int shown;

	if (!state)
		return 0;
	shown = state->shown == ifindex || (final && state->shown_tagged == ifindex);
	state->shown = 0;
	if (final)
		state->shown_tagged = 0;
	return shown;
}

static __always_inline void xdpdrop_use_gathered(const __u64 *args, struct xdpdrop_frame *frame)
{
	__u64 size = frame->len < reach ? frame->len : reach;
	__u32 cpu = bpf_get_smp_processor_id();
	struct xdpdrop_gathered *gathered;

	size = xdpdrop_gather(xdpdrop_xdp_address(args), frame->len, size);
	gathered = bpf_map_lookup_elem(&xdpdrop_gathered, &cpu);
	if (!size || !gathered)
		return;
	frame->data = (const void *)gathered->address;
	frame->linear = size;
}

SEC("fexit")
int xdpdrop_fexit(__u64 *args)
{
	struct xdp_buff *xdp = (struct xdp_buff *)args[0];
	struct xdpdrop_frame frame = { .traced = 1, .point = point, .wanted = 1 };
	__u32 action = args[1], judged;
	int final = last || !is_chained(action);

	frame.ifindex = xdp->rxq->dev->ifindex;
	if (!xdpdrop_is_captured(frame.ifindex, xdp->rxq->dev->nd_net.net->ns.inum))
		return 0;
	if (beside_hooks && was_shown(frame.ifindex, final))
		return 0;
	if (!final)
		return 0;
	if (is_chained(action))
		action = XDP_PASS;
	judged = action > XDP_REDIRECT ? XDP_ABORTED : action;
	if (!(actions & (1U << judged)))
		return 0;
	frame.action = action;
	frame.data = xdp->data;
	frame.linear = (__u64)xdp->data_end - (__u64)xdp->data;
	frame.len = xdpdrop_constant(has_frags) ? bpf_xdp_get_buff_len((struct xdp_md *)xdp) :
						  frame.linear;
	frame.rx_queue = xdp->rxq->queue_index;
	if (first_page && frame.linear < frame.len)
		xdpdrop_use_gathered(args, &frame);
	xdpdrop_emit(&frame);
	return 0;
}

char _license[] SEC("license") = "GPL";

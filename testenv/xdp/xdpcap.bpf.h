/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A program made for Cloudflare's xdpcap: it has the hook's map by its usual name, of
 * XDPCAP_SLOTS slots, and calls it itself. Without xdpdrop's header and without a reason.
 */
#include "verdict.bpf.h"

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, XDPCAP_SLOTS);
	__uint(key_size, sizeof(int));
	__uint(value_size, sizeof(int));
} xdpcap_hook SEC(".maps");

static __always_inline int leave(struct xdp_md *ctx)
{
	struct frame_id id;
	__u32 action = asked_action(ctx, &id);

	bpf_tail_call(ctx, &xdpcap_hook, action);
	return action;
}

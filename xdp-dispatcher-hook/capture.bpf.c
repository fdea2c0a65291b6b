// SPDX-License-Identifier: GPL-2.0-only
/*
 * The tail-call target of every hook. One instance per hook and action, so that it knows both:
 * it records the frame and ends the run with the verdict that the hook's program would give.
 */
#include <stddef.h>

#include "emit.bpf.h"

const volatile __u32 action; /* to record */
/* With reasons_chosen, record only these reasons, or with reasons_unwanted all but these. */
const volatile __u32 reasons[XDPDROP_MAX_REASONS];
const volatile __u32 reason_count;
const volatile __u8 reasons_chosen;
const volatile __u8 reasons_unwanted;
const volatile __u32 verdict; /* to return: of a tag hook XDP_PASS, what follows will drop */

/* The hook's own program's cell, when it has one; otherwise a cell that stays 0. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} xdpdrop_reason SEC(".maps");

/* Shared by a hook's instances. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32);
	__type(value, struct xdpdrop_iface_map);
} xdpdrop_ifaces SEC(".maps");

/* The entry of interface @ifindex, or one of another interface: it is not recorded. */
static __always_inline union xdpdrop_iface xdpdrop_find_iface(__u32 ifindex)
{
	__u32 zero = 0;
	struct xdpdrop_iface_map *ifaces = bpf_map_lookup_elem(&xdpdrop_ifaces, &zero);
	union xdpdrop_iface found = { .whole = 0 };

	if (!ifaces)
		return found;
#pragma unroll
	for (int i = 0; i < XDPDROP_MAX_IFACES; i++)
		if (ifaces->iface[i].ifindex == ifindex) {
			/* again, by one load: the entry may have changed since */
			found.whole = *(volatile __u64 *)&ifaces->iface[i].whole;
			return found;
		}
	return found;
}

/* Is @reason one of those that were asked for, or not one of those that were not? */
static __always_inline __u32 xdpdrop_wants(__u32 reason)
{
	if (!reasons_chosen)
		return 1;
#pragma unroll
	for (__u32 i = 0; i < XDPDROP_MAX_REASONS; i++)
		if (i < reason_count && reasons[i] == reason)
			return !reasons_unwanted;
	return reasons_unwanted;
}

SEC("xdp")
int xdpdrop_capture(struct xdp_md *ctx)
{
	__u32 zero = 0, *reason = bpf_map_lookup_elem(&xdpdrop_reason, &zero);
	__u32 ifindex = ctx->ingress_ifindex;
	union xdpdrop_iface iface = xdpdrop_find_iface(ifindex);
	__u32 why = reason ? *reason : 0;

	if (iface.ifindex == ifindex)
		xdpdrop_emit_xdp(ctx, iface.point, action, why, xdpdrop_wants(why));
	return verdict;
}

char _license[] SEC("license") = "GPL";

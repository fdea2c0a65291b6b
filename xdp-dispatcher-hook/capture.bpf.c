// SPDX-License-Identifier: GPL-2.0-only
/*
 * The tail-call target of every hook, with one instance per hook and action, given by its
 * constants. It records the frame and returns the verdict of the hook's program.
 */
#include <stddef.h>

#include "emit.bpf.h"
#include <xdpdrop/hook.h>

/* With reasons_chosen: record only these reasons, or with reasons_unwanted all others. */
const volatile __u32 reasons[XDPDROP_MAX_REASONS];
const volatile __u32 reason_count;
/* With rules_chosen: record only these rules. */
const volatile __u64 rules[XDPDROP_MAX_RULES];
const volatile __u32 rule_count;

const volatile __u32 replayed_point; /* of all frames, for XDPDROP_REPLAY_OWN */

/* Shared by the instances of a hook. */
struct xdpdrop_iface_map xdpdrop_ifaces SEC(".data.ifaces");

/* The programs of the next capture at this hook, one per slot. Empty: this is the last capture. */
struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 5);
	__type(key, __u32);
	__type(value, __u32);
} xdpdrop_next SEC(".maps");

/* The entry of interface @ifindex. If another one is returned, the frame is not recorded. */
static __always_inline union xdpdrop_iface xdpdrop_find_iface(__u32 ifindex)
{
	const struct xdpdrop_iface_map *ifaces = &xdpdrop_ifaces;
	union xdpdrop_iface found;

	/* each by one load: the entry may change; nearly all hooks have one interface */
	found.whole = *(const volatile __u64 *)&ifaces->iface[0].whole;
	if (__builtin_expect(found.ifindex == ifindex, 1))
		return found;
#pragma clang loop unroll(disable)
	for (__u64 i = 1; i < XDPDROP_MAX_DEVICES; i++) {
		if (i >= ifaces->used)
			break;
		if (ifaces->iface[i].ifindex == ifindex) {
			found.whole = *(const volatile __u64 *)&ifaces->iface[i].whole;
			return found;
		}
	}
	return found;
}

/*
 * Is the frame in the session's network namespace? No field of the context has it, so the library
 * replaces these instructions: see XDPDROP_NETNS_MARK.
 */
static __always_inline int xdpdrop_is_here(struct xdp_md *ctx)
{
	__u64 number;

	asm volatile("r1 = %[ctx]\n"
		     "r0 = %[mark]\n"
		     "r0 += 0\n"
		     "r0 += 0\n"
		     "r0 += 0\n"
		     "r0 += 0\n"
		     "r0 += 0\n"
		     "%[number] = r0\n"
		     : [number] "=r"(number)
		     : [ctx] "r"(ctx), [mark] "i"(XDPDROP_NETNS_MARK)
		     : "r0", "r1", "r2", "r3", "r4", "r5");
	return number == xdpdrop_constant(netns) || number == XDPDROP_NETNS_MARK;
}

/* Is @reason to be recorded? */
static __always_inline __u32 xdpdrop_wants(__u32 reason)
{
	if (!xdpdrop_constant(reasons_chosen))
		return 1;
#pragma unroll
	for (__u32 i = 0; i < XDPDROP_MAX_REASONS; i++)
		if (i < reason_count && reasons[i] == reason)
			return !xdpdrop_constant(reasons_unwanted);
	return xdpdrop_constant(reasons_unwanted);
}

static __always_inline __u32 xdpdrop_wants_rule(__u64 rule)
{
	if (!xdpdrop_constant(rules_chosen))
		return 1;
#pragma unroll
	for (__u32 i = 0; i < XDPDROP_MAX_RULES; i++)
		if (i < rule_count && rules[i] == rule)
			return 1;
	return 0;
}

static __always_inline void xdpdrop_note_shown(__u32 ifindex)
{
	struct xdpdrop_state *state = xdpdrop_constant(beside_exits) ? xdpdrop_state() : NULL;

	if (state && xdpdrop_constant(tagged))
		state->shown_tagged = ifindex;
	else if (state)
		state->shown = ifindex;
}

/* The frame of a program that nobody else runs. */
static __always_inline void xdpdrop_note_own(struct xdp_md *ctx, __u32 reason, __u64 rule)
{
	const struct xdpdrop_frame frame = { .point = replayed_point,
					     .action = xdpdrop_constant(action),
					     .reason = reason,
					     .rule = rule };

	if (xdpdrop_constant(beside_exits))
		xdpdrop_note_shown(ctx->ingress_ifindex);
	xdpdrop_note_frame(&frame);
}

static __always_inline void xdpdrop_look(struct xdp_md *ctx)
{
	__u32 zero = 0, ifindex;
	/* the cell of the hook's program, or a map that stays 0 */
	const struct xdpdrop_why *cell = bpf_map_lookup_elem(&xdpdrop_reason, &zero);
	__u64 rule = cell && xdpdrop_constant(has_rules) ? cell->rule : 0;
	__u64 why = cell ? cell->reason : 0;
	union xdpdrop_iface iface;

	/* or clang extends it to 64 bits wherever it is used */
	xdpdrop_opaque(why);
	if (xdpdrop_constant(replaying) == XDPDROP_REPLAY_OWN) {
		xdpdrop_note_own(ctx, why, rule);
		return;
	}
	ifindex = ctx->ingress_ifindex;
	iface = xdpdrop_find_iface(ifindex);
	if (__builtin_expect(iface.ifindex != ifindex || !xdpdrop_is_here(ctx), 0))
		return;
	xdpdrop_note_shown(ifindex);
	xdpdrop_emit_xdp(ctx, iface.point, xdpdrop_constant(action), why, rule,
			 xdpdrop_wants(why) && xdpdrop_wants_rule(rule));
}

/*
 * All captures at a hook return the same verdict. The verifier knows the slot, so that the tail
 * call is a jump, and costs about 1 ns if there is no other capture.
 */
SEC("xdp")
int xdpdrop_capture(struct xdp_md *ctx)
{
	xdpdrop_look(ctx);
	bpf_tail_call(ctx, &xdpdrop_next, xdpdrop_constant(slot));
	return xdpdrop_constant(verdict);
}

char _license[] SEC("license") = "GPL";

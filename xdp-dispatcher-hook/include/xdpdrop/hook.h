/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * For authors of XDP programs: one line that lets xdpdrop see a drop.
 *
 *	enum fw_reason { FW_PASS, FW_BLOCKLIST, FW_BAD_CHECKSUM };
 *	XDPDROP_HOOK(xdpdrop_hook, enum fw_reason);
 *	...
 *	return xdpdrop_exit(ctx, &xdpdrop_hook, XDP_DROP, FW_BLOCKLIST);
 *
 * While nobody captures this costs a store and a tail call into an empty slot,
 * and the program returns the action. See xdpdrop-hook(7).
 */
#ifndef XDPDROP_HOOK_H
#define XDPDROP_HOOK_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

/*
 * XDPDROP_HOOK(name) or XDPDROP_HOOK(name, enum type): declare a hook.
 *
 * A BPF_MAP_TYPE_PROG_ARRAY of five slots, one per XDP action, as Cloudflare's xdpcap expects
 * it. The value's member name is what tells xdpdrop that the map is a hook and not a tail-call
 * table of the program; its type, when it is an enum, gives the reasons their names.
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

/* Where a program leaves the reason for the capture program that it tail-calls. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} xdpdrop_reason SEC(".maps") __attribute__((weak));

/*
 * xdpdrop_exit() - leave the program with @action, and let a capture see the frame and why.
 * @hook: address of a map declared by XDPDROP_HOOK()
 * @action: the verdict, an enum xdp_action
 * @reason: the program's own number for why, not 0 (0 means none)
 *
 * Returns @action. While a capture is armed for that action it does not return: the capture
 * program ends the run with the same action. Uses one of the 33 tail calls a run may make.
 * Since: 0.1
 */
static __always_inline int xdpdrop_exit(struct xdp_md *ctx, void *hook, __u32 action, __u32 reason)
{
	__u32 key = 0;
	__u32 *cell = bpf_map_lookup_elem(&xdpdrop_reason, &key);

	if (cell)
		*cell = reason;
	if (__builtin_constant_p(action))
		bpf_tail_call_static(ctx, hook, action);
	else
		bpf_tail_call(ctx, hook, action);
	return action;
}

/*
 * xdpdrop_exit_plain() - xdpdrop_exit() without a reason.
 * Since: 0.1
 */
static __always_inline int xdpdrop_exit_plain(struct xdp_md *ctx, void *hook, __u32 action)
{
	return xdpdrop_exit(ctx, hook, action, 0);
}

#endif

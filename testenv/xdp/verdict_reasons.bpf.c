// SPDX-License-Identifier: GPL-2.0-only
/*
 * The verdict that the frame asks for, through a hook with 300 reasons, by the frame's number.
 * verdict_numbers has 700, most of which have no name: more than a monitor counts one by one.
 */
#include "verdict.bpf.h"
#include <xdpdrop/hook.h>

#define TEN(at) at##0, at##1, at##2, at##3, at##4, at##5, at##6, at##7, at##8, at##9
#define HUNDRED(at)                                                                                \
	TEN(at##0), TEN(at##1), TEN(at##2), TEN(at##3), TEN(at##4), TEN(at##5), TEN(at##6),        \
		TEN(at##7), TEN(at##8), TEN(at##9)

enum many_reasons {
	MANY_NONE,
	HUNDRED(MANY_1),
	HUNDRED(MANY_2),
	HUNDRED(MANY_3),
};

XDPDROP_HOOK(xdpdrop_hook, enum many_reasons);

static __always_inline int exit_for_one_of(struct xdp_md *ctx, __u32 reasons)
{
	struct frame_id id;
	__u32 action = asked_action(ctx, &id);

	if (action > XDP_REDIRECT)
		return action;
	return xdpdrop_exit(ctx, &xdpdrop_hook, action, 1 + id.number % reasons);
}

SEC("xdp")
int verdict_reasons(struct xdp_md *ctx)
{
	return exit_for_one_of(ctx, 300);
}

SEC("xdp")
int verdict_numbers(struct xdp_md *ctx)
{
	return exit_for_one_of(ctx, 700);
}

char _license[] SEC("license") = "GPL";

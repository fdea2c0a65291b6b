// SPDX-License-Identifier: GPL-2.0-only
/*
 * Programs that run after a redirect: those of a cpumap's entry, on another CPU, and of a devmap's,
 * on the way out of another interface. They give the verdict that the frame asks for. Load and
 * put into an entry one program a run: a hook belongs to the first that is loaded.
 */
#include "verdict.bpf.h"
#include <xdpdrop/hook.h>

enum redirected_reason {
	NUMBER_EVEN = 1,
	NUMBER_ODD = 2,
};

XDPDROP_HOOK(xdpdrop_hook, enum redirected_reason);

struct {
	__uint(type, BPF_MAP_TYPE_CPUMAP);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, struct bpf_cpumap_val);
} cpus SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP_HASH);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, struct bpf_devmap_val);
} devs SEC(".maps");

/* Frames with a mark go to entry 0, all others pass. */
static __always_inline int redirect_marked(struct xdp_md *ctx, void *map)
{
	__u8 *data = (__u8 *)(long)ctx->data, *end = (__u8 *)(long)ctx->data_end;
	struct frame_id id;

	if (data + FRAME_HEADER > end || !frame_read(data, &id))
		return XDP_PASS;
	return bpf_redirect_map(map, 0, XDP_PASS);
}

SEC("xdp")
int to_cpu(struct xdp_md *ctx)
{
	return redirect_marked(ctx, &cpus);
}

SEC("xdp")
int to_dev(struct xdp_md *ctx)
{
	return redirect_marked(ctx, &devs);
}

SEC("xdp/cpumap")
int on_cpu(struct xdp_md *ctx)
{
	struct frame_id id;

	return asked_action(ctx, &id);
}

static __always_inline int leave(struct xdp_md *ctx)
{
	struct frame_id id;
	__u32 action = asked_action(ctx, &id);

	if (action > XDP_REDIRECT)
		return action;
	return xdpdrop_exit(ctx, &xdpdrop_hook, action, id.number % 2 ? NUMBER_ODD : NUMBER_EVEN);
}

SEC("xdp/cpumap")
int on_cpu_hook(struct xdp_md *ctx)
{
	return leave(ctx);
}

SEC("xdp/devmap")
int on_dev_hook(struct xdp_md *ctx)
{
	return leave(ctx);
}

char _license[] SEC("license") = "GPL";

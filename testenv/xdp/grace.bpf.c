// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs for long, and looks whether somebody who waits for its end returns before that.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "grace.h"

/* Each takes some tens of microseconds. */
#define ROUNDS 2000
#define COPIED (256 << 10)

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct grace);
} grace SEC(".maps");

struct bytes {
	__u8 from[COPIED], to[COPIED];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct bytes);
} bytes SEC(".maps");

static __always_inline void wait_for_start(volatile struct grace *g, struct bytes *b)
{
	for (int i = 0; i < ROUNDS && !g->started; i++)
		bpf_probe_read_kernel(b->to, COPIED, b->from);
}

static __always_inline void look_for_return(volatile struct grace *g, struct bytes *b)
{
	for (int i = 0; i < ROUNDS && !g->outlived; i++) {
		bpf_probe_read_kernel(b->to, COPIED, b->from);
		g->outlived = g->returned;
	}
}

SEC("xdp")
int grace_runs(struct xdp_md *ctx)
{
	__u32 key = 0;
	volatile struct grace *g = bpf_map_lookup_elem(&grace, &key);
	struct bytes *b = bpf_map_lookup_elem(&bytes, &key);

	if (!g || !b || !g->armed || g->running)
		return XDP_PASS;
	g->running = 1;
	wait_for_start(g, b);
	if (g->started) {
		look_for_return(g, b);
		g->ended = 1;
	}
	g->armed = 0;
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";

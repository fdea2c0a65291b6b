// SPDX-License-Identifier: GPL-2.0-only
/*
 * Redirects to entry 0 of a cpumap that is in a map of maps.
 */
#include "verdict.bpf.h"

#define SLOT 2

struct cpus {
	__uint(type, BPF_MAP_TYPE_CPUMAP);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, struct bpf_cpumap_val);
};

struct cpus cpus SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, SLOT + 1);
	__type(key, __u32);
	__array(values, struct cpus);
} maps SEC(".maps") = { .values = { [SLOT] = &cpus } };

SEC("xdp")
int to_inner_cpu(struct xdp_md *ctx)
{
	__u8 *data = (__u8 *)(long)ctx->data, *end = (__u8 *)(long)ctx->data_end;
	__u32 slot = SLOT;
	void *inner = bpf_map_lookup_elem(&maps, &slot);
	struct frame_id id;

	if (!inner || data + FRAME_HEADER > end || !frame_read(data, &id))
		return XDP_PASS;
	return bpf_redirect_map(inner, 0, XDP_PASS);
}

char _license[] SEC("license") = "GPL";

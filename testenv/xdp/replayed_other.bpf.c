// SPDX-License-Identifier: GPL-2.0-only
/*
 * Maps with the names of those in replayed.bpf.c, of another type, or with other sizes.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u64);
} blocked SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, __u64);
} quota SEC(".maps");

const volatile __u64 limits[2];

/* Drops every frame if an entry was copied. */
SEC("xdp")
int other_maps(struct xdp_md *ctx)
{
	__u32 key = 53, zero = 0;
	__u64 *left = bpf_map_lookup_elem(&quota, &zero);

	(void)ctx;
	if (limits[0])
		return XDP_DROP;
	return bpf_map_lookup_elem(&blocked, &key) || (left && *left) ? XDP_DROP : XDP_PASS;
}

char _license[] SEC("license") = "GPL";

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copies the linear part and the fragments of a frame to linear memory, for tracing programs. There
 * is no helper for this, so the code follows the kernel's structures.
 *
 * The kernel refers to a fragment by its struct page. Converting that to an address takes two
 * addresses of the kernel's memory map. The library finds them, and tests the assumptions made
 * here: see memory_map.bpf.c and gather.bpf.c.
 */
#ifndef XDPDROP_GATHER_BPF_H
#define XDPDROP_GATHER_BPF_H

#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "control.h"
#include "device.bpf.h"

/* The fields of the kernel's types that are read here; libbpf relocates them. */
struct xdp_rxq_info {
	struct net_device *dev;
	__u32 queue_index;
} __attribute__((preserve_access_index));

struct xdp_buff {
	void *data;
	void *data_end;
	void *data_hard_start;
	struct xdp_rxq_info *rxq;
	__u32 frame_sz;
} __attribute__((preserve_access_index));

/* The kernel's struct bio_vec, since 6.10 struct skb_frag, with the same layout. */
struct xdpdrop_fragment {
	__u64 page; /* if the lowest bit is set: device memory */
	__u32 size;
	__u32 offset;
};

struct skb_shared_info {
	__u8 nr_frags;
	__u32 xdp_frags_size;
	struct xdpdrop_fragment frags[1];
} __attribute__((preserve_access_index));

struct page {
	unsigned long flags;
} __attribute__((preserve_access_index));

/* Alignment of struct skb_shared_info: SMP_CACHE_BYTES. */
#define XDPDROP_CACHE_LINE 64

/* One entry per CPU: XDP programs do not interrupt each other. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct xdpdrop_gathered);
} xdpdrop_gathered SEC(".maps");

/* Addresses of the first struct page and of the first page; 0: do not gather. */
const volatile __u64 first_struct_page;
const volatile __u64 first_page;
const volatile __u32 page_size;

static __always_inline int xdpdrop_start_walk(volatile struct xdpdrop_walk *walk,
					      struct xdp_buff *xdp, __u64 len)
{
	__u64 info_size = (bpf_core_type_size(struct skb_shared_info) + XDPDROP_CACHE_LINE - 1) &
			  -XDPDROP_CACHE_LINE;
	struct skb_shared_info *info =
		BPF_CORE_READ(xdp, data_hard_start) + BPF_CORE_READ(xdp, frame_sz) - info_size;

	walk->at = 0;
	walk->from = (__u64)BPF_CORE_READ(xdp, data);
	walk->left = (__u64)BPF_CORE_READ(xdp, data_end) - walk->from;
	walk->next = (__u64)info + bpf_core_field_offset(struct skb_shared_info, frags);
	walk->count = BPF_CORE_READ(info, nr_frags);
	return walk->left + BPF_CORE_READ(info, xdp_frags_size) == len;
}

static __always_inline int xdpdrop_next_fragment(volatile struct xdpdrop_walk *walk)
{
	struct xdpdrop_fragment fragment;

	if (!walk->count || bpf_probe_read_kernel(&fragment, sizeof(fragment), (void *)walk->next))
		return 0;
	if (fragment.page & 1 || fragment.page < first_struct_page)
		return 0;
	walk->from =
		first_page + fragment.offset +
		(fragment.page - first_struct_page) / bpf_core_type_size(struct page) * page_size;
	walk->left = fragment.size;
	walk->next += sizeof(fragment);
	walk->count--;
	return 1;
}

/* Copy the rest of the current fragment: at most one step, and not beyond @size. */
static __always_inline int xdpdrop_step(struct xdpdrop_gathered *to,
					volatile struct xdpdrop_walk *walk, __u64 size)
{
	__u64 at = walk->at, part = walk->left;

	if (part > XDPDROP_GATHER_STEP)
		part = XDPDROP_GATHER_STEP;
	if (part > size - at)
		part = size - at;
	asm volatile("" : "+r"(part), "+r"(at));
	if (at >= XDPDROP_GATHER_MAX || part > XDPDROP_GATHER_STEP)
		return 0;
	if (bpf_probe_read_kernel(to->bytes + at, part, (void *)walk->from))
		return 0;
	walk->at = at + part;
	walk->from += part;
	walk->left -= part;
	return 1;
}

/* The address of the frame's struct xdp_buff as an integer, which a global function requires. */
static __always_inline __u64 xdpdrop_xdp_address(const __u64 *args)
{
	__u64 address = 0;

	bpf_probe_read_kernel(&address, sizeof(address), args);
	return address;
}

/*
 * Copy the first @size bytes of a frame of @len bytes to this CPU's entry of xdpdrop_gathered.
 * Returns @size, or 0 on failure. A global function, so that the verifier checks it once.
 */
__attribute__((noinline)) __u64 xdpdrop_gather(__u64 xdp, __u64 len, __u64 size)
{
	__u32 cpu = bpf_get_smp_processor_id();
	struct xdpdrop_gathered *to = bpf_map_lookup_elem(&xdpdrop_gathered, &cpu);
	volatile struct xdpdrop_walk *walk;

	if (!first_page || !to)
		return 0;
	walk = &to->walk;
	if (!xdpdrop_start_walk(walk, (struct xdp_buff *)xdp, len))
		return 0;
	to->address = (__u64)to->bytes;
	for (int step = 0; step < XDPDROP_GATHER_STEPS && walk->at < size; step++) {
		if (!walk->left && !xdpdrop_next_fragment(walk))
			return 0;
		if (!xdpdrop_step(to, walk, size))
			return 0;
	}
	return walk->at == size ? size : 0;
}

#endif

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Finds the two addresses that gather.bpf.h needs. A separate object, because libbpf reads all of
 * /proc/kallsyms for it, which takes as long as loading everything else.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "control.h"

extern const void vmemmap_base __ksym __weak;
extern const void page_offset_base __ksym __weak;

struct xdpdrop_memory_map memory_map;

SEC("xdp.frags")
int xdpdrop_tried(struct xdp_md *ctx)
{
	if (!&vmemmap_base || !&page_offset_base)
		return XDP_PASS;
	bpf_probe_read_kernel(&memory_map.first_struct_page, sizeof(__u64), &vmemmap_base);
	bpf_probe_read_kernel(&memory_map.first_page, sizeof(__u64), &page_offset_base);
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tries whether gather.bpf.h does on this kernel what it should: run on a frame in fragments,
 * one program finds the addresses, and another one at the first one's exit gathers the frame,
 * for user space to compare. Attached to no interface.
 */
#include "gather.bpf.h"

extern const void vmemmap_base __ksym __weak;
extern const void page_offset_base __ksym __weak;

struct xdpdrop_memory_map memory_map;
__u64 gathered; /* bytes */
__u32 cpu;	/* where */

SEC("xdp.frags")
int xdpdrop_tried(struct xdp_md *ctx)
{
	if (!&vmemmap_base || !&page_offset_base)
		return XDP_PASS;
	bpf_probe_read_kernel(&memory_map.first_struct_page, sizeof(__u64), &vmemmap_base);
	bpf_probe_read_kernel(&memory_map.first_page, sizeof(__u64), &page_offset_base);
	return XDP_PASS;
}

SEC("fexit")
int xdpdrop_try(__u64 *args)
{
	__u64 len = bpf_xdp_get_buff_len((struct xdp_md *)args[0]);
	__u64 xdp = xdpdrop_xdp_address(args);

	cpu = bpf_get_smp_processor_id();
	gathered = xdpdrop_gather(xdp, len, len);
	return 0;
}

char _license[] SEC("license") = "GPL";

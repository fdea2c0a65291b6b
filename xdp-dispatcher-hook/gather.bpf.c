// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests gather.bpf.h on this kernel: at the exit of the program of memory_map.bpf.c, which runs on
 * a frame in fragments, it gathers the frame. User space compares the bytes. Not attached to any
 * interface.
 */
#include "gather.bpf.h"

__u64 gathered; /* number of bytes */
__u32 cpu;	/* CPU of the run */

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

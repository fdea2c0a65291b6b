// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counts the verdicts with which the kernel calls it at the exit of a program.
 */
#include "verdict.bpf.h"

SEC("fexit")
int fexit_count(__u64 *args)
{
	__u32 action = args[1], key = action < FRAME_VERDICTS ? action : FRAME_VERDICT_INVALID;
	__u64 *count = bpf_map_lookup_elem(&verdicts, &key);

	if (count)
		++*count;
	return 0;
}

char _license[] SEC("license") = "GPL";

// SPDX-License-Identifier: GPL-2.0-only
/*
 * A program of another type, whose number is that of the map type PROG_ARRAY.
 */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

SEC("classifier")
int odd_length(struct __sk_buff *skb)
{
	return skb->len & 1;
}

_Static_assert((int)BPF_PROG_TYPE_SCHED_CLS == (int)BPF_MAP_TYPE_PROG_ARRAY, "the same number");

char _license[] SEC("license") = "GPL";

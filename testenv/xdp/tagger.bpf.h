/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the programs that tag, and those that drop what is tagged, share: which frames are tagged
 * and why, and a count of what became of them.
 */
#ifndef XDPDROP_TESTENV_TAGGER_BPF_H
#define XDPDROP_TESTENV_TAGGER_BPF_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <xdp/xdp_helpers.h>

#include <xdpdrop/hook.h>

#include "frame.h"

/* By verdict, as "xload counts" reads it. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, FRAME_VERDICTS);
	__type(key, __u32);
	__type(value, __u64);
	__uint(pinning, LIBBPF_PIN_BY_NAME);
} tagger_counts SEC(".maps");

static __always_inline int counted(__u32 verdict)
{
	__u64 *count = bpf_map_lookup_elem(&tagger_counts, &verdict);

	if (count)
		++*count;
	return verdict;
}

/* 1: the frame has a mark, which goes to @id. */
static __always_inline int read_mark(struct xdp_md *ctx, struct frame_id *id)
{
	__u8 *data = (__u8 *)(long)ctx->data, *end = (__u8 *)(long)ctx->data_end;

	return data + FRAME_HEADER <= end && frame_read(data, id);
}

/* Why frame @id is dropped, different for each; 0: it is not. */
static __always_inline __u32 reason_for(const struct frame_id *id)
{
	return id->verdict == XDP_DROP ? id->number + 1 : 0;
}

#endif

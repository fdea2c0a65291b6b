/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The place where the library puts a session's filter, once per program: see filter_call.h.
 */
#ifndef XDPDROP_FILTER_BPF_H
#define XDPDROP_FILTER_BPF_H

#include <linux/types.h>
#include <bpf/bpf_helpers.h>

#include "filter_call.h"

static __always_inline __u64 xdpdrop_filter(const void *frame, __u64 len, void *scratch,
					    __u64 bytes)
{
	register __u64 match asm("r0");
	register const void *first asm("r1") = frame;
	register __u64 second asm("r2") = len;
	register void *third asm("r3") = scratch;
	register __u64 fourth asm("r4") = bytes;

	asm volatile("%[match] = %[mark]"
		     : [match] "=r"(match), "+r"(first), "+r"(second), "+r"(third), "+r"(fourth)
		     : [mark] "i"(XDPDROP_FILTER_MARK)
		     : "r5", "r6", "r7", "r8", "r9", "memory");
	return match;
}

/* For XDP programs: does the frame of @len bytes match the session's filter? */
static __always_inline __u64 xdpdrop_matches_xdp(struct xdp_md *ctx, __u64 len)
{
	__u64 scratch[XDPDROP_FILTER_SCRATCH / sizeof(__u64)];

	return xdpdrop_filter(ctx, len, scratch, 0);
}

/* For tracing programs: the same, with @bytes readable at @data. */
static __always_inline __u64 xdpdrop_matches_copy(const void *data, __u64 bytes, __u64 len)
{
	__u64 scratch[XDPDROP_FILTER_SCRATCH_COPY / sizeof(__u64)];

	return xdpdrop_filter(data, len, scratch, bytes);
}

#endif

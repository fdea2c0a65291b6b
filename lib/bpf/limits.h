/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * What bounds the cost of a capture: sampling, rate limits, and the governor that samples more
 * when the programs take too much time. The kernel programs do it; here it is decided.
 */
#ifndef XDPDROP_BPF_LIMITS_H
#define XDPDROP_BPF_LIMITS_H

#include "bpf/capture_maps.h"
#include "base/log.h"

struct limits {
	const struct log *log;
	__u32 sample;	    /* as asked for: the least that the governor goes back to */
	__u32 max_overhead; /* thousandths of a percent of a CPU's time, 0: no governor */
	__u32 overhead;	    /* as last measured, of the CPU that had most */
	__u64 next;	    /* when to look again, ns */
	__u64 looked;	    /* when we did */
	__u64 *timed_ns;    /* by CPU, what was there then */
};

/* Prepare @kernel, whose programs are not loaded yet, for what @opts ask. 0 or -ENOMEM. */
int limits_begin(struct limits *limits, struct capture_maps *maps, const struct xdpdrop_opts *opts,
		 const struct log *log);

/* With each poll; @now: CLOCK_MONOTONIC, ns. */
void limits_tick(struct limits *limits, struct capture_maps *maps, __u64 now);

/* The new "one in so many", at least @least, for what was measured with @sample. */
__u32 limits_adapt(__u32 sample, __u32 least, __u32 overhead, __u32 max_overhead);

/* In words, for a file's header; the empty string where nothing is left out. */
void limits_describe(const struct xdpdrop_opts *opts, char *description, size_t size);

void limits_free(struct limits *limits);

#endif

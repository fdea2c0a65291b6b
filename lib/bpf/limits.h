/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Limits the cost of a capture: sampling, rate limits, and the governor, which raises the sampling
 * interval if the programs take too much time. The BPF programs apply the limits.
 */
#ifndef XDPDROP_BPF_LIMITS_H
#define XDPDROP_BPF_LIMITS_H

#include "bpf/capture_maps.h"
#include "base/log.h"

struct limits {
	const struct log *log;
	__u32 sample;	    /* as requested: the governor's minimum */
	__u32 max_overhead; /* thousandths of a percent of a CPU's time, 0: no governor */
	__u32 overhead;	    /* as last measured, on the busiest CPU */
	__u64 next;	    /* time of the next measurement, ns */
	__u64 looked;	    /* time of the last one, ns */
	__u64 *timed_ns;    /* by CPU, the value at the last one */
};

/* Set the limits of @opts in @maps, whose programs are not loaded yet. 0 or -ENOMEM. */
int limits_begin(struct limits *limits, struct capture_maps *maps, const struct xdpdrop_opts *opts,
		 const struct log *log);

/* Called with each poll. @now: ns CLOCK_MONOTONIC. */
void limits_tick(struct limits *limits, struct capture_maps *maps, __u64 now);

/* The new sampling interval, at least @least, from the overhead measured with @sample. */
__u32 limits_adapt(__u32 sample, __u32 least, __u32 overhead, __u32 max_overhead);

/* Describe the limits for the header of a file; empty if there is none. */
void limits_describe(const struct xdpdrop_opts *opts, char *description, size_t size);

void limits_free(struct limits *limits);

#endif

/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * What bounds the cost of a capture: sampling, rate limits, and the governor that samples more
 * when the programs take too much time. The kernel programs do it; here it is decided.
 */
#ifndef XDPDROP_BOUNDS_H
#define XDPDROP_BOUNDS_H

#include "kernel.h"
#include "log.h"

struct bounds {
	const struct log *log;
	__u32 sample;	    /* as asked for: the least that the governor goes back to */
	__u32 max_overhead; /* thousandths of a percent of a CPU's time, 0: no governor */
	__u32 overhead;	    /* as last measured, of the CPU that had most */
	__u64 next;	    /* when to look again, ns */
	__u64 looked;	    /* when we did */
	__u64 *timed_ns;    /* by CPU, what was there then */
};

/* Prepare @kernel, whose programs are not loaded yet, for what @opts ask. 0 or -ENOMEM. */
int bounds_begin(struct bounds *bounds, struct kernel *kernel, const struct xdpdrop_opts *opts,
		 const struct log *log);

/* With each poll; @now: CLOCK_MONOTONIC, ns. */
void bounds_tick(struct bounds *bounds, struct kernel *kernel, __u64 now);

/* The new "one in so many", at least @least, for what was measured with @sample. */
__u32 bounds_adapt(__u32 sample, __u32 least, __u32 overhead, __u32 max_overhead);

/* In words, for a file's header; the empty string where nothing is left out. */
void bounds_describe(const struct xdpdrop_opts *opts, char *description, size_t size);

void bounds_free(struct bounds *bounds);

#endif

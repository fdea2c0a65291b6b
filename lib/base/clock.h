/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Converts the timestamps of records to wall-clock time, and follows clock steps.
 */
#ifndef XDPDROP_BASE_CLOCK_H
#define XDPDROP_BASE_CLOCK_H

#include <linux/types.h>

struct clock_offset {
	__s64 offset; /* ns to add to clock_kernel() */
};

/* CLOCK_MONOTONIC now, in ns, as this process sees it. */
__u64 clock_monotonic(void);

/*
 * What bpf_ktime_get_ns() returns now, or up to some microseconds earlier: CLOCK_MONOTONIC outside
 * of all time namespaces. @shift: ns by which it is ahead of this process's CLOCK_MONOTONIC.
 */
__u64 clock_kernel(void);
void clock_set_shift(__s64 shift);

/* Jiffies in a second. */
unsigned int clock_hz(void);

/*
 * Measure the offset again. Called once per poll round. A difference below the measuring noise is
 * ignored, so that times in the file stay as even as the kernel's. A larger difference is a clock
 * step, which is returned in ns; otherwise 0.
 */
__s64 clock_update(struct clock_offset *clock);

/* Wall-clock time, ns since the epoch, of @kernel ns. */
static inline __u64 clock_realtime(const struct clock_offset *clock, __u64 kernel)
{
	return kernel + clock->offset;
}

#endif

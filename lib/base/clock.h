/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * The kernel's clock of the records to wall-clock time of the files, following clock steps.
 */
#ifndef XDPDROP_BASE_CLOCK_H
#define XDPDROP_BASE_CLOCK_H

#include <linux/types.h>

struct clock_offset {
	__s64 offset; /* ns to add to clock_kernel() */
};

/* CLOCK_MONOTONIC now, ns: to be compared with itself in this process. */
__u64 clock_monotonic(void);

/*
 * What bpf_ktime_get_ns() returns now, or up to some microseconds before: CLOCK_MONOTONIC as it is
 * outside all time namespaces. It is @shift ns ahead of this process's.
 */
__u64 clock_kernel(void);
void clock_set_shift(__s64 shift);

/* Jiffies in a second. */
unsigned int clock_hz(void);

/*
 * Measure the offset again; call once per poll round. A difference below measuring noise is
 * ignored, so that file times stay as even as the kernel's; a larger one is a clock step,
 * which is returned in ns; else 0.
 */
__s64 clock_update(struct clock_offset *clock);

/* Wall-clock time, ns since the epoch, of @kernel ns. */
static inline __u64 clock_realtime(const struct clock_offset *clock, __u64 kernel)
{
	return kernel + clock->offset;
}

#endif

/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * CLOCK_MONOTONIC of the records to wall-clock time of the files, following clock steps.
 */
#ifndef XDPDROP_BASE_CLOCK_H
#define XDPDROP_BASE_CLOCK_H

#include <linux/types.h>

struct clock_offset {
	__s64 offset; /* ns to add to CLOCK_MONOTONIC */
};

/* CLOCK_MONOTONIC now, ns. */
__u64 clock_monotonic(void);

/* Jiffies in a second. */
unsigned int clock_hz(void);

/*
 * Measure the offset again; call once per poll round. A difference below measuring noise is
 * ignored, so that file times stay as even as the kernel's; a larger one is a clock step,
 * which is returned in ns; else 0.
 */
__s64 clock_update(struct clock_offset *clock);

/* Wall-clock time, ns since the epoch, of @monotonic ns. */
static inline __u64 clock_realtime(const struct clock_offset *clock, __u64 monotonic)
{
	return monotonic + clock->offset;
}

#endif

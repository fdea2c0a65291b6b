/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Measures the difference between CLOCK_REALTIME and CLOCK_MONOTONIC. Both are slewed together, so
 * the difference changes only when the time of day is set.
 */
#include "base/clock.h"

#include <time.h>

#define SAMPLES 5
#define NOISE_NS 50000 /* smaller differences are measuring noise */

struct sample {
	__s64 offset;
	__s64 width; /* between two readings of CLOCK_MONOTONIC around CLOCK_REALTIME */
};

/*
 * Shift of this process's time namespace, which a process cannot leave: the same for all sessions.
 */
static __s64 clock_shift;

static __u64 clock_read(clockid_t id)
{
	struct timespec now;

	clock_gettime(id, &now);
	return (__u64)now.tv_sec * 1000000000 + now.tv_nsec;
}

static struct sample clock_sample(void)
{
	__u64 before = clock_read(CLOCK_MONOTONIC);
	__u64 realtime = clock_read(CLOCK_REALTIME);
	__u64 width = clock_read(CLOCK_MONOTONIC) - before;

	return (struct sample){ .offset = realtime - before - width / 2 -
					  __atomic_load_n(&clock_shift, __ATOMIC_RELAXED),
				.width = width };
}

/* The sample with the least width was interrupted least. */
static struct sample clock_best_sample(void)
{
	struct sample best = clock_sample();

	for (int i = 1; i < SAMPLES; i++) {
		struct sample sample = clock_sample();

		if (sample.width < best.width)
			best = sample;
	}
	return best;
}

__u64 clock_monotonic(void)
{
	return clock_read(CLOCK_MONOTONIC);
}

__u64 clock_kernel(void)
{
	return clock_monotonic() + __atomic_load_n(&clock_shift, __ATOMIC_RELAXED);
}

void clock_set_shift(__s64 shift)
{
	__atomic_store_n(&clock_shift, shift, __ATOMIC_RELAXED);
}

/* A jiffy is the resolution of the coarse clocks. */
unsigned int clock_hz(void)
{
	struct timespec jiffy = { .tv_nsec = 4000000 };

	clock_getres(CLOCK_MONOTONIC_COARSE, &jiffy);
	return 1000000000 / jiffy.tv_nsec;
}

__s64 clock_update(struct clock_offset *clock)
{
	struct sample sample = clock_best_sample();
	__s64 noise = sample.width > NOISE_NS ? sample.width : NOISE_NS;
	__s64 step = sample.offset - clock->offset;

	if (step <= noise && step >= -noise)
		return 0;
	clock->offset = sample.offset;
	return step;
}

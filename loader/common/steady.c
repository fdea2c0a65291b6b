// SPDX-License-Identifier: GPL-2.0-only
#include "common/steady.h"

#include <time.h>

#define SECOND_NS 1000000000ULL
#define MS_NS 1000000ULL

__u64 steady_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * SECOND_NS + now.tv_nsec;
}

__u64 steady_ms(void)
{
	return steady_ns() / MS_NS;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * A limit that cannot be raised stays.
 */
#include "common/descriptors.h"

#include <sys/resource.h>

#define DESCRIPTORS 8192

void descriptors_raise_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return;
	limit.rlim_cur = limit.rlim_max < DESCRIPTORS ? limit.rlim_max : DESCRIPTORS;
	setrlimit(RLIMIT_NOFILE, &limit);
}

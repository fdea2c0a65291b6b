/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * The CPUs that are online, from sysfs.
 */
#ifndef XDPDROP_BASE_CPUS_H
#define XDPDROP_BASE_CPUS_H

#include <stdbool.h>

/* Parse a list such as "0-3,8": set online[n] for each listed n < @count. 0 or -EINVAL. */
int cpus_parse(const char *list, bool *online, unsigned int count);

/* Read /sys/devices/system/cpu/online into @online[0..@count). Errors: open()'s, -EINVAL. */
int cpus_online(bool *online, unsigned int count);

#endif

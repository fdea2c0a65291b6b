/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * What the driver of an interface counts by itself, whatever captures there.
 */
#ifndef XDPDROP_XDP_DRIVER_DROPS_H
#define XDPDROP_XDP_DRIVER_DROPS_H

#include <linux/types.h>

/*
 * How many frames of interface @ifname its driver has counted as dropped by XDP. 0, or -errno;
 * -EOPNOTSUPP: it has no such counter.
 */
int driver_drops(const char *ifname, __u64 *drops);

#endif

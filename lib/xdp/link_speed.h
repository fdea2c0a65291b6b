/* SPDX-License-Identifier: LGPL-2.1-only */
#ifndef XDPDROP_XDP_LINK_SPEED_H
#define XDPDROP_XDP_LINK_SPEED_H

#include <linux/types.h>

/* Speed of an interface in bits per second, 0 when it has or tells none. */
__u64 link_speed(const char *ifname);

#endif

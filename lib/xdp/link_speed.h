/* SPDX-License-Identifier: LGPL-2.1-only */
#ifndef XDPDROP_XDP_LINK_SPEED_H
#define XDPDROP_XDP_LINK_SPEED_H

#include <linux/types.h>

/* A socket to ask by, which stays in this thread's network namespace: its descriptor, or -1. */
int link_speed_open(void);

/* Speed of an interface there in bits per second; 0: it has none, or none is known. */
__u64 link_speed(int fd, const char *ifname);

#endif

/* SPDX-License-Identifier: LGPL-2.1-only */
#ifndef XDPDROP_XDP_LINK_SPEED_H
#define XDPDROP_XDP_LINK_SPEED_H

#include <linux/types.h>

/*
 * Open a socket for link_speed(). It stays in this thread's network namespace. Returns its
 * descriptor, or -1.
 */
int link_speed_open(void);

/* Speed of an interface in bits per second; 0: unknown. */
__u64 link_speed(int fd, const char *ifname);

#endif

/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Word from the kernel that an interface has changed; not what has changed.
 */
#ifndef XDPDROP_XDP_LINK_MONITOR_H
#define XDPDROP_XDP_LINK_MONITOR_H

#include <linux/types.h>
#include <stdbool.h>

/* Interfaces that one monitor can tell from the others. */
#define LINK_MONITOR_MAX 64

/* A descriptor that turns readable when an interface changes; -errno. */
int link_monitor_open(void);

/*
 * From now on only events of these interfaces wake us, and of those that call one of them their
 * master or are above it: the kernel keeps back the others. More than LINK_MONITOR_MAX: all do.
 * 0 or -errno.
 */
int link_monitor_choose(int fd, const __u32 *devices, unsigned int count);

/* Swallow what has come; was there anything? */
bool link_monitor_read(int fd);

#endif

/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Notifications that an interface has changed, without details.
 */
#ifndef XDPDROP_XDP_LINK_MONITOR_H
#define XDPDROP_XDP_LINK_MONITOR_H

#include <linux/types.h>
#include <stdbool.h>

/* Maximum number of interfaces of one monitor. */
#define LINK_MONITOR_MAX 64

/* A descriptor that becomes readable when an interface changes, or -errno. */
int link_monitor_open(void);

/*
 * From now on the descriptor gets only events of these interfaces, of their slaves, and of
 * interfaces above them. With more than LINK_MONITOR_MAX interfaces it gets all events. 0 or
 * -errno.
 */
int link_monitor_choose(int fd, const __u32 *devices, unsigned int count);

/* Discard all notifications. Returns whether there was one. */
bool link_monitor_read(int fd);

#endif

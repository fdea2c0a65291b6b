/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Word from the kernel that some interface has changed; not what has.
 */
#ifndef XDPDROP_XDP_LINK_MONITOR_H
#define XDPDROP_XDP_LINK_MONITOR_H

#include <stdbool.h>

/* A descriptor that turns readable when an interface changes; -errno. */
int link_monitor_open(void);

/* Swallow what has come; was there anything? */
bool link_monitor_read(int fd);

#endif

/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * The table in which the capture programs of one hook find what to record: from which
 * interfaces, and as which capture points.
 */
#ifndef XDPDROP_BPF_IFACE_MAP_H
#define XDPDROP_BPF_IFACE_MAP_H

#include <linux/types.h>

/* A new, empty table: a map's fd, or -errno. */
int iface_map_create(void);

/* The table that capture program @id uses: a map's fd, or -errno. */
int iface_map_of(__u32 id);

/*
 * Record what @ifindex receives as @capture point. -ENOSPC: XDPDROP_MAX_IFACES are there already.
 */
int iface_map_add(int fd, __u32 ifindex, __u32 point);

/* Record nothing of @ifindex any more. Returns how many interfaces are left, or -errno. */
int iface_map_remove(int fd, __u32 ifindex);

#endif

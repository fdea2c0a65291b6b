/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * The table in which the capture programs of one hook find what to record: from which
 * interfaces, and as which capture points.
 */
#ifndef XDPDROP_BPF_IFACE_MAP_H
#define XDPDROP_BPF_IFACE_MAP_H

#include <linux/types.h>

/* A new, empty table for frames of @link_type: a map's fd, or -errno. */
int iface_map_create(__u32 link_type);

/* That link type, or 0 if it cannot be read. */
__u32 iface_map_link_type(int fd);

/* The table that capture program @id uses: a map's fd, or -errno. */
int iface_map_of(__u32 id);

/*
 * Record what @count interfaces @devices receive, and no others, as capture point @point. Changes
 * nothing that is right already. -ENOSPC: not all of them find room.
 */
int iface_map_put(int fd, __u32 point, const __u32 *devices, unsigned int count);

/* Record nothing as @point any more. Returns how many entries are left, or -errno. */
int iface_map_remove(int fd, __u32 point);

#endif

/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * The table of interfaces for the capture programs of one hook: which interfaces they record, and
 * as which capture points.
 */
#ifndef XDPDROP_BPF_IFACE_MAP_H
#define XDPDROP_BPF_IFACE_MAP_H

#include <linux/types.h>

/* Create an empty table for frames of @link_type. Returns the descriptor of a map, or -errno. */
int iface_map_create(__u32 link_type);

/* The link type of a table. 0: it cannot be read. */
__u32 iface_map_link_type(int fd);

/* The table that capture program @id uses: the descriptor of a map, or -errno. */
int iface_map_of(__u32 id);

/*
 * Record frames of the @count interfaces @devices, and of no others, as capture point @point.
 * Existing entries stay unchanged. -ENOSPC: there is no room for all.
 */
int iface_map_put(int fd, __u32 point, const __u32 *devices, unsigned int count);

/* Remove the entries of @point. Returns the number of remaining entries, or -errno. */
int iface_map_remove(int fd, __u32 point);

#endif

/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * The table in which the capture programs of one hook find what to record: from which
 * interfaces, and as which sites.
 */
#ifndef XDPDROP_PORTS_H
#define XDPDROP_PORTS_H

#include <linux/types.h>

/* A new, empty table: a map's fd, or -errno. */
int ports_create(void);

/* The table that capture program @id uses: a map's fd, or -errno. */
int ports_of(__u32 id);

/* Record what @ifindex receives as @site. -ENOSPC: XDPDROP_MAX_PORTS are there already. */
int ports_add(int fd, __u32 ifindex, __u32 site);

/* Record nothing of @ifindex any more. Returns how many interfaces are left, or -errno. */
int ports_remove(int fd, __u32 ifindex);

#endif

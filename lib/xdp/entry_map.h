/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Maps to which programs redirect frames, and whose entries may have a program of their own, which
 * then runs on another CPU (cpumap) or on the way out of another interface (devmap). Only reads.
 */
#ifndef XDPDROP_XDP_ENTRY_MAP_H
#define XDPDROP_XDP_ENTRY_MAP_H

#include <linux/bpf.h>

/* "cpumap" or "devmap"; NULL: maps like this one have no programs in their entries. */
const char *entry_map_kind(const struct bpf_map_info *info);

/*
 * Call @fn with the id of the program of each entry that has one. 0 or -errno: an entry could not
 * be read.
 */
int entry_map_each(int fd, const struct bpf_map_info *info, void (*fn)(void *data, __u32 id),
		   void *data);

#endif

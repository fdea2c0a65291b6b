/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Whether and how programs at the exits of others can get at the bytes of frames in fragments;
 * see xdp-dispatcher-hook/gather.bpf.h.
 */
#ifndef XDPDROP_BPF_LINEARIZE_H
#define XDPDROP_BPF_LINEARIZE_H

#include <bpf/libbpf.h>
#include <stdbool.h>

#include "control.h"

/*
 * Try it on a frame whose bytes are known. Needs BPF trampolines and frames in fragments, and
 * takes a moment; probe(FEATURE_LINEARIZE) asks once.
 */
bool linearize_works(void);

/* What was found out by linearize_works() when it returned true. */
const struct xdpdrop_memory_map *linearize_memory_map(void);

/* The map in which frames are put together; returns its descriptor or -errno. */
int linearize_create(unsigned int cpus);

/* Let an opened, not yet loaded program gather frames in the map @fd. 0 or -errno. */
#define LINEARIZE_SHARE(fd, skeleton)                                                              \
	({                                                                                         \
		(skeleton)->rodata->first_page = linearize_memory_map()->first_page;               \
		(skeleton)->rodata->first_struct_page = linearize_memory_map()->first_struct_page; \
		(skeleton)->rodata->page_size = sysconf(_SC_PAGESIZE);                             \
		bpf_map__reuse_fd((skeleton)->maps.xdpdrop_gathered, (fd));                        \
	})

#endif

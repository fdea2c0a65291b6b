/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Support for fexit programs that copy frames in fragments to linear memory; see
 * xdp-dispatcher-hook/gather.bpf.h.
 */
#ifndef XDPDROP_BPF_LINEARIZE_H
#define XDPDROP_BPF_LINEARIZE_H

#include <bpf/libbpf.h>
#include <stdbool.h>

#include "control.h"

/*
 * Test it on a frame with known bytes. Needs BPF trampolines and frames in fragments, and takes a
 * moment; probe(FEATURE_LINEARIZE) caches the result.
 */
bool linearize_works(void);

/* The addresses that linearize_works() found if it returned true. */
const struct xdpdrop_memory_map *linearize_memory_map(void);

/* Create the map to which frames are copied. Returns its descriptor, or -errno. */
int linearize_create(unsigned int cpus);

/* Make an opened, not yet loaded program copy frames to the map @fd. 0 or -errno. */
#define LINEARIZE_SHARE(fd, skeleton)                                                              \
	({                                                                                         \
		(skeleton)->rodata->first_page = linearize_memory_map()->first_page;               \
		(skeleton)->rodata->first_struct_page = linearize_memory_map()->first_struct_page; \
		(skeleton)->rodata->page_size = sysconf(_SC_PAGESIZE);                             \
		bpf_map__reuse_fd((skeleton)->maps.xdpdrop_gathered, (fd));                        \
	})

#endif

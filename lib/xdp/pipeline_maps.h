/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * What programs have in their maps: hooks, and other programs.
 */
#ifndef XDPDROP_XDP_PIPELINE_MAPS_H
#define XDPDROP_XDP_PIPELINE_MAPS_H

#include "xdp/pipeline.h"

/*
 * Add to @pipeline the hooks of program @program_id, and the programs in its tail-call tables. What
 * fails is noted there.
 */
void pipeline_maps_read(struct pipeline *pipeline, __u32 program_id);

/*
 * If @maps, the map ids of program @id, contain @hook, note the program and its reason cell. 0, or
 * -errno: a map could not be looked at.
 */
int pipeline_hook_use(struct pipeline_hook *hook, __u32 id, const __u32 *maps, __u32 count);

/*
 * If the map at @fd is a hook, describe it. A hook has a slot for each XDP action (xdpcap's may
 * have four), and its BTF or its name marks it as one; with @any the slots are enough. -ENOENT: it
 * is no hook, -ENOTUNIQ: it has the slots and not the mark; others: it cannot be read now.
 */
int hook_map_read(int fd, bool any, struct pipeline_hook *hook);

#endif

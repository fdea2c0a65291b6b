/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Finds hooks, and other programs, in the maps of programs.
 *
 * A hook is a PROG_ARRAY of a certain form. Any other one is a tail-call table, in which an empty
 * slot has a meaning for its program: a capture program there would change verdicts.
 */
#ifndef XDPDROP_XDP_PIPELINE_MAPS_H
#define XDPDROP_XDP_PIPELINE_MAPS_H

#include "xdp/pipeline.h"

/*
 * Add to @pipeline the hooks of program @program_id, and the programs in its other maps. Errors are
 * recorded there.
 */
void pipeline_maps_read(struct pipeline *pipeline, __u32 program_id);

/* Is PROG_ARRAY @map_id used by a program of the pipeline? */
bool pipeline_has_map(const struct pipeline *pipeline, __u32 map_id);

/*
 * If @maps, the map ids of program @id, contain @hook, set the hook's program and its reason cell.
 * 0, or -errno: a map could not be read.
 */
int pipeline_hook_use(struct pipeline_hook *hook, __u32 id, const __u32 *maps, __u32 count);

/*
 * If the map @fd is a hook, describe it. A hook has a slot for each XDP action (xdpcap's may have
 * four), and its BTF or its name marks it as a hook. With @any the slots suffice. Errors: -ENOENT:
 * it is not a hook; -ENOTUNIQ: it has the slots but no mark; others: it cannot be read now.
 */
int pipeline_maps_read_hook(int fd, bool any, struct pipeline_hook *hook);

#endif

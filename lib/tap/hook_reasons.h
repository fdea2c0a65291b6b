/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Reads the names of a program's reasons from the BTF of its hook.
 */
#ifndef XDPDROP_TAP_HOOK_REASONS_H
#define XDPDROP_TAP_HOOK_REASONS_H

#include "record/reason.h"

struct btf;

/*
 * Add the enumerators of hook type @value_id in @btf: a struct whose member "xdpdrop_reason"
 * is an enum (see XDPDROP_HOOK). -ENOENT: that type is not a hook's.
 */
int hook_reasons_read(struct reasons *reasons, const struct btf *btf, __u32 value_id);

/* Likewise of the hook @map_fd, whatever can be read. */
void hook_reasons_of_map(struct reasons *reasons, int map_fd);

#endif

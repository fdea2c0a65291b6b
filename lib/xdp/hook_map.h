/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Which PROG_ARRAYs are hooks. Any other one is a tail-call table, in which an empty slot means
 * something to its program: a capture program there would change verdicts.
 */
#ifndef XDPDROP_XDP_HOOK_MAP_H
#define XDPDROP_XDP_HOOK_MAP_H

#include "xdp/pipeline.h"

/*
 * If the map at @fd is a hook, describe it. A hook has a slot for each XDP action (xdpcap's may
 * have four), and its BTF or its name marks it as one; with @any the slots are enough. -ENOENT: it
 * is no hook, -ENOTUNIQ: it has the slots and not the mark; others: it cannot be read now.
 */
int hook_map_read(int fd, bool any, struct pipeline_hook *hook);

#endif

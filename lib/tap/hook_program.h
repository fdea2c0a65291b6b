/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * The capture program for one slot of a hook. Several threads may load programs of a hook.
 */
#ifndef XDPDROP_TAP_HOOK_PROGRAM_H
#define XDPDROP_TAP_HOOK_PROGRAM_H

#include "bpf/program_type.h"
#include "tap/hook.h"

struct xdpdrop_capture_bpf;

/*
 * Load the capture program for @slot as @type, or as an extension of the dispatcher. Returns its
 * descriptor, or -errno.
 */
int hook_program_load(const struct tap_context *context, const struct hook *hook, __u32 slot,
		      struct program_type type);

/*
 * The cell of the hook's program, to be closed. -1: it has none, or there is no permission to open
 * maps by id: frames are captured without reasons. -ESTALE: the program that uses the hook is gone,
 * and with it the cell. Other errors are below -1, too.
 */
int hook_program_open_cell(const struct hook *hook, int *cell);

/* All constants of that program. */
struct xdpdrop_constants hook_program_constants(const struct tap_context *context,
						const struct hook *hook, __u32 slot,
						struct program_type type, int cell);

/*
 * Open an object whose program has settings, maps and type for @hook, and neither constants nor a
 * filter. To be destroyed on success.
 */
int hook_program_open(const struct tap_context *context, const struct hook *hook,
		      struct program_type type, int cell, struct xdpdrop_capture_bpf **skeleton);

#endif

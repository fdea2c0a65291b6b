/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Has the library check the options that are its own, and names those of the command line in its
 * answer.
 */
#ifndef XDPDROP_LOADER_SESSION_OPTIONS_H
#define XDPDROP_LOADER_SESSION_OPTIONS_H

#include <xdpdrop/xdpdrop.h>

#include "options/cmdline.h"

/*
 * Check ranges and conflicts of @opts, which @table fills at @offset of its target, and of @output,
 * which may be NULL. Returns 0, or -EINVAL with @error filled.
 */
int session_options_check(const struct cmdline_option *table, size_t offset,
			  const struct xdpdrop_opts *opts, const struct xdpdrop_output *output,
			  struct cmdline_error *error);

#endif

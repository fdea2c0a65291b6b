/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Lists the captures at a hook.
 */
#ifndef XDPDROP_API_HOOK_CAPTURES_H
#define XDPDROP_API_HOOK_CAPTURES_H

#include "xdp/pipeline.h"

/*
 * "in use by pid 17, pid 5 (dead, to be cleaned up)". Returns their number; if it is 0, @text is
 * unchanged.
 */
unsigned int hook_captures_list(const struct pipeline_hook *hook, char *text, size_t size);

#endif

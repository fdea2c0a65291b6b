/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Loads a wrapper and attaches it in place of its target.
 */
#ifndef XDPDROP_TAP_WRAPPER_ATTACH_H
#define XDPDROP_TAP_WRAPPER_ATTACH_H

#include "tap/tap.h"
#include "xdp/wrapper.h"

/*
 * Wrap program @target_id on the interface of context->pipeline, and record frames as @point.
 * *@record becomes the number of its record in the journal. After an error nothing has
 * changed, and it is logged, but -ESTALE: another process has changed the program.
 */
int wrapper_attach(const struct tap_context *context, struct wrapper *wrap, __u32 *record,
		   __u32 target_id, unsigned int point);

#endif

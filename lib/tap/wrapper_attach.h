/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Loads a wrapper and puts it into an interface's root slot.
 */
#ifndef XDPDROP_TAP_WRAPPER_ATTACH_H
#define XDPDROP_TAP_WRAPPER_ATTACH_H

#include "tap/tap.h"
#include "xdp/wrapper.h"

/*
 * Put a wrapper for program @target_id, recording to @capture point, onto the interface of
 * context->pipeline. *@record becomes its record's number in the journal. Errors are logged; then
 * nothing has changed.
 */
int wrapper_attach(const struct tap_context *context, struct wrapper *wrap, __u32 *record,
		   __u32 target_id, unsigned int point);

#endif

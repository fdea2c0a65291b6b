/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Who has a hook of a pipeline.
 */
#ifndef XDPDROP_API_INSPECT_H
#define XDPDROP_API_INSPECT_H

#include "bpf/owner.h"
#include "xdp/pipeline.h"

struct hook_holder {
	struct owner owner; /* its pid 0: no capture has it */
	__u32 other_id;	    /* a program of somebody else's in a slot; 0: none */
};

/* Look at the slots of @hook, whose map is open. */
void inspect_hook_holder(const struct pipeline_hook *hook, struct hook_holder *holder);

#endif

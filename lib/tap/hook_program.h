/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * The program that a hook tail-calls while it is captured: one for each slot.
 */
#ifndef XDPDROP_TAP_HOOK_PROGRAM_H
#define XDPDROP_TAP_HOOK_PROGRAM_H

#include "bpf/program_type.h"
#include "tap/hook.h"

/* Note in @hook which of its program's reasons and rules context->opts chooses. Logs warnings. */
void hook_program_choose(const struct tap_context *context, struct hook *hook);

/* Load one as @type, or as an extension of the dispatcher; its fd, or -errno. */
int hook_program_load(const struct tap_context *context, const struct hook *hook, __u32 slot,
		      struct program_type type, bool extension);

#endif

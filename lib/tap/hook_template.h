/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Capture programs of several slots differ in three maps and three constants. A template is opened,
 * relocated and freed of dead code once, and loaded for each slot.
 */
#ifndef XDPDROP_TAP_HOOK_TEMPLATE_H
#define XDPDROP_TAP_HOOK_TEMPLATE_H

#include "bpf/program_type.h"
#include "tap/hook.h"

struct hook_template;

/*
 * For programs of @hooks, which have begun, that are like those of the first one with slots to
 * fill. NULL: it cannot be made, or the verifier's messages are logged, which quote the source.
 */
struct hook_template *hook_template_new(const struct tap_context *context, const struct hook *hooks,
					unsigned int count);

/*
 * Load the program of @slot from @template, or if that is NULL or of another kind, by
 * hook_program_load(). Returns its descriptor, or -errno.
 */
int hook_template_load(const struct hook_template *template, const struct tap_context *context,
		       const struct hook *hook, __u32 slot, struct program_type type);

void hook_template_free(struct hook_template *template);

#endif

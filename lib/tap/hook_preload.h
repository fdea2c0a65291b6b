/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Loads the capture programs of several hooks at once. Verifying one takes a CPU for milliseconds.
 */
#ifndef XDPDROP_TAP_HOOK_PRELOAD_H
#define XDPDROP_TAP_HOOK_PRELOAD_H

#include "tap/hook.h"

/*
 * Load the programs of @hooks, which have begun, into hook->loaded, by threads that have ended when
 * it returns. They are copies of @template unless that is NULL. What cannot be loaded is left to
 * hook_finish(), which logs why. Does nothing while the verifier's messages are logged.
 */
void hook_preload(const struct tap_context *context, struct hook *hooks, unsigned int count,
		  const struct hook_template *template);

#endif

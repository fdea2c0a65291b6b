/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Disarms several hooks at once. Emptying a slot waits for an RCU grace period.
 */
#ifndef XDPDROP_TAP_HOOK_DISARM_H
#define XDPDROP_TAP_HOOK_DISARM_H

#include "tap/hook.h"

/* hook_undo() of each of @hooks, by threads that have ended when it returns. Logs errors. */
void hook_disarm(const struct tap_context *context, struct hook *hooks, unsigned int count);

#endif

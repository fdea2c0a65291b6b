/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * The place of a capture in a slot of a hook: behind the captures that are there. Places of dead
 * captures are taken over.
 */
#ifndef XDPDROP_TAP_HOOK_PLACE_H
#define XDPDROP_TAP_HOOK_PLACE_H

#include "tap/hook.h"

/*
 * Is there a place in @slot, or this session's program already? 0, or with the reason in @why
 * -EBUSY, or another error: that cannot be found out now.
 */
int hook_place_check(const struct tap_context *context, const struct pipeline_hook *hook,
		     int map_fd, __u32 slot, char *why, size_t size);

/*
 * Add the captures in @slot to hook->chain. Remove programs of dead ones. Errors as of
 * hook_place_check(); logged. The lock is held.
 */
int hook_place_claim(const struct tap_context *context, struct hook *hook, __u32 slot);

/*
 * If another interface of this session has armed the hook, set *@id to the id of the program for
 * @slot, else to 0. -errno: that is unknown now.
 */
int hook_place_find(const struct tap_context *context, int map_fd, __u32 slot, __u32 *id);

/*
 * Set hook->slot_id[@slot] to that program, and hook->chain to its place. Errors: -ESTALE: it is
 * not there; others. The lock is held.
 */
int hook_place_join(const struct tap_context *context, struct hook *hook, __u32 slot);

#endif

// SPDX-License-Identifier: LGPL-2.1-only
#include "tap/hook_disarm.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

/* After an error the record stays, and the watchdog tries again. */
static void hook_disarm_finish(const struct tap_context *context, struct hook *hook, int err)
{
	if (!err) {
		watchdog_withdraw(context->watchdog, &hook->record);
		return;
	}
	log_error(context->log, err,
		  "cannot remove the capture program from hook %s (map id %u): %s; "
		  "it stays there, and does nothing once this session has ended",
		  hook->info.name, hook->info.map_id, strerror(-err));
}

void hook_disarm(const struct tap_context *context, struct hook *hooks, unsigned int count)
{
	CLEANUP_FREE struct hook_slots *slots = calloc(count, sizeof(*slots));
	CLEANUP_FREE int *errors = calloc(count, sizeof(*errors));

	if (!slots || !errors) {
		for (unsigned int i = 0; i < count; i++)
			hook_disarm_finish(context, &hooks[i], hook_undo(context, &hooks[i]));
		return;
	}
	for (unsigned int i = 0; i < count; i++)
		slots[i] = hook_slots_of(&hooks[i]);
	hook_slots_undo_all(slots, errors, count);
	for (unsigned int i = 0; i < count; i++)
		hook_disarm_finish(context, &hooks[i], errors[i]);
}

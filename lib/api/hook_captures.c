// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Looks at all slots: captures of other verdicts have other slots.
 */
#include <stdio.h>

#include "api/hook_captures.h"
#include "xdp/hook_chain.h"

/* The captures at a hook, by the maps that name them, and their list. Slots may have others. */
struct hook_captures {
	__u32 map[HOOK_SLOTS * HOOK_CAPTURES];
	unsigned int count;
	char *text;
	size_t size, used;
};

static void hook_captures_add(struct hook_captures *captures, const struct owner *owner)
{
	for (unsigned int i = 0; i < captures->count; i++)
		if (captures->map[i] == owner->map_id)
			return;
	if (captures->count == sizeof(captures->map) / sizeof(captures->map[0]) ||
	    captures->used >= captures->size)
		return;
	captures->used += snprintf(captures->text + captures->used, captures->size - captures->used,
				   "%spid %u%s", captures->count ? ", " : "in use by ", owner->pid,
				   owner->alive ? "" : " (dead, to be cleaned up)");
	captures->map[captures->count++] = owner->map_id;
}

static void hook_captures_walk(const struct pipeline_hook *hook, __u32 slot,
			       struct hook_captures *captures)
{
	struct hook_walk walk;

	hook_walk_begin(&walk, hook->fd, slot);
	while (!hook_walk_look(&walk) && walk.id) {
		hook_captures_add(captures, &walk.owner);
		if (walk.next_fd < 0)
			break;
		hook_walk_advance(&walk);
	}
	hook_walk_end(&walk);
}

unsigned int hook_captures_list(const struct pipeline_hook *hook, char *text, size_t size)
{
	struct hook_captures captures = { .text = text, .size = size };

	for (__u32 slot = 0; slot < hook->slots; slot++)
		hook_captures_walk(hook, slot, &captures);
	return captures.count;
}

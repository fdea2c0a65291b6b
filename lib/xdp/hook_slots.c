// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Removes a capture's programs from the slots of a hook. A slot with another program is not
 * changed.
 */
#include <errno.h>
#include <unistd.h>

#include "bpf/iface_map.h"
#include "xdp/hook_slots.h"

/* The kernel may lack memory for a moment. */
#define ATTEMPTS 10
#define RETRY_US 1000

/* A slot that cannot be read counts as unchanged. */
static bool hook_slots_has(const struct hook_slots *slots, __u32 slot)
{
	int place;

	return hook_chain_find(&slots->chain, slots->map_fd, slot, slots->id[slot], &place) !=
	       -ENOENT;
}

bool hook_slots_intact(const struct hook_slots *slots)
{
	for (__u32 slot = 0; slot < HOOK_SLOTS; slot++)
		if (slots->id[slot] && !hook_slots_has(slots, slot))
			return false;
	return true;
}

/*
 * Also in maps of captures that have ended: as long as others have these open, they keep programs
 * loaded.
 */
static int hook_slots_empty(const struct hook_slots *slots, __u32 slot)
{
	const struct hook_chain *chain = &slots->chain;
	int first = hook_chain_unlink(slots->map_fd, slot, slots->id[slot], chain->next_fd);

	for (__u32 i = 0; i < chain->count; i++) {
		int err = hook_chain_unlink(chain->before[i].next_fd, slot, slots->id[slot],
					    chain->next_fd);

		first = first ?: err;
	}
	return first;
}

/*
 * Remove the interface from the table. Returns how many interfaces still use the programs, or
 * -errno.
 */
static int hook_slots_leave(const struct hook_slots *slots)
{
	int others = slots->ifaces_fd < 0 ? 0 : iface_map_remove(slots->ifaces_fd, slots->point);

	for (int attempt = 1; others < 0 && attempt < ATTEMPTS; attempt++) {
		usleep(RETRY_US);
		others = iface_map_remove(slots->ifaces_fd, slots->point);
	}
	return others;
}

int hook_slots_undo(const struct hook_slots *slots)
{
	int others = hook_slots_leave(slots), first = 0;

	if (others)
		return others < 0 ? others : 0;
	for (__u32 slot = 0; slot < HOOK_SLOTS; slot++) {
		int err = slots->id[slot] ? hook_slots_empty(slots, slot) : 0;

		first = first ?: err;
	}
	return first;
}

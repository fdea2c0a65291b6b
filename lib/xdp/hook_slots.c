// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Empties slots of a hook. A slot with another program is not changed.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <unistd.h>

#include "bpf/iface_map.h"
#include "xdp/hook_slots.h"

/*
 * The kernel may lack memory for a moment. A program that stays in a slot costs time for each
 * frame.
 */
#define ATTEMPTS 10
#define RETRY_US 1000

int hook_slots_look(int map_fd, __u32 slot, __u32 *id)
{
	*id = 0;
	if (!bpf_map_lookup_elem(map_fd, &slot, id) || errno == ENOENT)
		return 0;
	*id = 0;
	return -errno;
}

/* A slot that cannot be read counts as unchanged. */
static bool hook_slots_has(const struct hook_slots *slots, __u32 slot)
{
	__u32 id;

	if (!slots->id[slot])
		return false;
	return hook_slots_look(slots->map_fd, slot, &id) || id == slots->id[slot];
}

bool hook_slots_intact(const struct hook_slots *slots)
{
	for (__u32 slot = 0; slot < HOOK_SLOTS; slot++)
		if (slots->id[slot] && !hook_slots_has(slots, slot))
			return false;
	return true;
}

/* A slot that cannot be read may hold another's program, and is not emptied. */
static int hook_slots_empty(const struct hook_slots *slots, __u32 slot)
{
	int err = 0;

	for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
		__u32 id;

		err = hook_slots_look(slots->map_fd, slot, &id);
		if (!err && id != slots->id[slot])
			return 0;
		if (!err && !bpf_map_delete_elem(slots->map_fd, &slot))
			return 0;
		err = err ?: -errno;
		usleep(RETRY_US);
	}
	return err;
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

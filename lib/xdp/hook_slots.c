// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Empties slots of a hook. A slot that holds anything else than expected is not touched.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <unistd.h>

#include "bpf/iface_map.h"
#include "xdp/hook_slots.h"

/* The kernel may be short of memory for a moment; what stays would cost every frame. */
#define ATTEMPTS 10
#define RETRY_US 1000

/* A slot that cannot be read for want of memory has not changed hands. */
static bool hook_slots_has(const struct hook_slots *slots, __u32 slot)
{
	__u32 id;

	if (!slots->id[slot])
		return false;
	if (bpf_map_lookup_elem(slots->map_fd, &slot, &id))
		return errno != ENOENT;
	return id == slots->id[slot];
}

bool hook_slots_intact(const struct hook_slots *slots)
{
	for (__u32 slot = 0; slot < HOOK_SLOTS; slot++)
		if (slots->id[slot] && !hook_slots_has(slots, slot))
			return false;
	return true;
}

static void hook_slots_empty(const struct hook_slots *slots, __u32 slot)
{
	for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
		if (!bpf_map_delete_elem(slots->map_fd, &slot) || errno == ENOENT)
			return;
		usleep(RETRY_US);
	}
}

/* True: no other interface is captured by the same programs, or that cannot be read. */
static bool hook_slots_leave(const struct hook_slots *slots)
{
	int others = slots->ifaces_fd < 0 ? 0 : iface_map_remove(slots->ifaces_fd, slots->point);

	for (int attempt = 1; others < 0 && attempt < ATTEMPTS; attempt++) {
		usleep(RETRY_US);
		others = iface_map_remove(slots->ifaces_fd, slots->point);
	}
	return others <= 0;
}

void hook_slots_undo(const struct hook_slots *slots)
{
	bool last = hook_slots_leave(slots);

	for (__u32 slot = 0; last && slot < HOOK_SLOTS; slot++)
		if (hook_slots_has(slots, slot))
			hook_slots_empty(slots, slot);
}

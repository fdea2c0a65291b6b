// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Removes a capture's programs from the slots of a hook. A slot with another program is not
 * changed.
 */
#include <errno.h>
#include <unistd.h>

#include "base/parallel.h"
#include "bpf/iface_map.h"
#include "xdp/hook_slots.h"

/* The kernel may lack memory for a moment. */
#define ATTEMPTS 10
#define RETRY_US 1000

/* They wait rather than run. */
#define MAX_THREADS 64

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

/* One slot after the other: the kernel holds a lock of the map while it waits. */
static int hook_slots_empty_all(const struct hook_slots *slots)
{
	int first = 0;

	for (__u32 slot = 0; slot < HOOK_SLOTS; slot++) {
		int err = slots->id[slot] ? hook_slots_empty(slots, slot) : 0;

		first = first ?: err;
	}
	return first;
}

int hook_slots_undo(const struct hook_slots *slots)
{
	int others = hook_slots_leave(slots);

	if (others)
		return others < 0 ? others : 0;
	return hook_slots_empty_all(slots);
}

struct hook_slots_job {
	const struct hook_slots *slots;
	int *errors; /* above 0: other interfaces use the programs */
};

static void hook_slots_undo_one(void *data, unsigned int step)
{
	const struct hook_slots_job *job = data;

	if (job->errors[step] > 0)
		job->errors[step] = 0;
	else if (!job->errors[step])
		job->errors[step] = hook_slots_empty_all(&job->slots[step]);
}

void hook_slots_undo_all(const struct hook_slots *slots, int *errors, unsigned int count)
{
	struct hook_slots_job job = { .slots = slots, .errors = errors };

	/* of two interfaces that share a hook, the one that leaves it last empties it */
	for (unsigned int i = 0; i < count; i++)
		errors[i] = hook_slots_leave(&slots[i]);
	parallel_run(count, MAX_THREADS, hook_slots_undo_one, &job);
}

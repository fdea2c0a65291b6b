// SPDX-License-Identifier: LGPL-2.1-only
/*
 * A short unsorted array.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/clock.h"
#include "tap/denylist.h"

/* Intervals between attempts, each of which takes verifier time. */
#define FIRST_WAIT_NS 250000000ULL
#define LONGEST_WAIT_NS 8000000000ULL

static struct denied *denylist_entry(const struct denylist *list, __u32 id)
{
	for (unsigned int i = 0; i < list->count; i++)
		if (list->denied[i].id == id)
			return &list->denied[i];
	return NULL;
}

const struct denied *denylist_find(const struct denylist *list, __u32 id)
{
	return denylist_entry(list, id);
}

bool denylist_passes(int error)
{
	switch (-error) {
	case EAGAIN:
	case EBUSY:
	case EINTR:
	case EMFILE:
	case ENFILE:
	case ENOBUFS:
	case ENOMEM:
	case ENOSPC:
		return true;
	}
	return false;
}

bool denylist_allows(const struct denylist *list, __u32 id)
{
	const struct denied *entry = denylist_entry(list, id);

	return !entry || (denylist_passes(entry->error) && clock_monotonic() >= entry->due);
}

static void denylist_tried(struct denied *entry, int error)
{
	__u64 wait = entry->tries < 5 ? FIRST_WAIT_NS << entry->tries : LONGEST_WAIT_NS;

	entry->error = error;
	entry->due = clock_monotonic() + wait;
	entry->tries++;
}

void denylist_add(struct denylist *list, __u32 id, int error)
{
	struct denied *entry = denylist_entry(list, id);

	if (entry) {
		denylist_tried(entry, error);
		return;
	}
	if (!ARRAY_GROW(list->denied, list->count))
		return;
	list->denied[list->count] = (struct denied){ .id = id };
	denylist_tried(&list->denied[list->count++], error);
}

void denylist_prune(struct denylist *list, bool (*is_there)(const void *data, __u32 id),
		    const void *data)
{
	unsigned int kept = 0;

	for (unsigned int i = 0; i < list->count; i++)
		if (is_there(data, list->denied[i].id))
			list->denied[kept++] = list->denied[i];
	list->count = kept;
}

void denylist_remove(struct denylist *list, __u32 id)
{
	struct denied *entry = denylist_entry(list, id);

	if (entry)
		*entry = list->denied[--list->count];
}

void denylist_free(struct denylist *list)
{
	free(list->denied);
	*list = (struct denylist){ 0 };
}

/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Programs or hooks of one interface, by id, that a tap could not capture. The first error of each
 * is logged. After an error that may pass, the tap tries again at intervals.
 */
#ifndef XDPDROP_TAP_DENYLIST_H
#define XDPDROP_TAP_DENYLIST_H

#include <linux/types.h>
#include <stdbool.h>

struct denied {
	__u32 id;
	int error;	    /* of the last attempt */
	unsigned int tries; /* number of attempts */
	__u64 due;	    /* time of the next attempt, ns */
};

struct denylist {
	unsigned int count;
	struct denied *denied;
};

/* The entry of @id, or NULL. */
const struct denied *denylist_find(const struct denylist *list, __u32 id);

/*
 * May @id be tried now? True if it is not in the list, or its error may pass and its time has come.
 */
bool denylist_allows(const struct denylist *list, __u32 id);

/* Can an attempt that failed with @error succeed later? */
bool denylist_passes(int error);

/*
 * Add @id after an attempt that failed with @error. Without memory it is not added, and will be
 * tried and logged again.
 */
void denylist_add(struct denylist *list, __u32 id, int error);

/* Remove the ids for which @is_there(@data, id) is false. An id is gone when its program is. */
void denylist_prune(struct denylist *list, bool (*is_there)(const void *data, __u32 id),
		    const void *data);

void denylist_remove(struct denylist *list, __u32 id);
void denylist_free(struct denylist *list);

#endif

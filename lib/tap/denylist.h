/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Programs or hooks of one interface, by id, that a tap could not capture: each has been reported
 * once. Some errors pass, and these are tried again at each look.
 */
#ifndef XDPDROP_TAP_DENYLIST_H
#define XDPDROP_TAP_DENYLIST_H

#include <linux/types.h>
#include <stdbool.h>

struct denied {
	__u32 id;
	int error;	    /* as last tried */
	unsigned int tries; /* so far */
	__u64 due;	    /* ns; the next one */
};

struct denylist {
	unsigned int count;
	struct denied *denied;
};

/* NULL: @id is not one of them. */
const struct denied *denylist_find(const struct denylist *list, __u32 id);

/* Is @id to be tried now: not one of them, or one whose error may pass, and its time has come? */
bool denylist_allows(const struct denylist *list, __u32 id);

/* Could what failed with @error succeed later, with the same program? */
bool denylist_passes(int error);

/* Without memory for it @id is not remembered, and will be tried and reported again. */
void denylist_add(struct denylist *list, __u32 id, int error);

/* Drop those for which @is_there(@data, id) is false: ids come with programs, and go with them. */
void denylist_prune(struct denylist *list, bool (*is_there)(const void *data, __u32 id),
		    const void *data);

void denylist_remove(struct denylist *list, __u32 id);
void denylist_free(struct denylist *list);

#endif

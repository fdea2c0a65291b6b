/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * What a capture had counted at some moments of the past, so that a file that begins with old
 * frames can have the totals since these. Their number is bounded: the longer the past, the longer
 * the time between two of them.
 */
#ifndef XDPDROP_API_MARKS_H
#define XDPDROP_API_MARKS_H

#include <stdbool.h>

#include "api/counted.h"

#define MARKS_MOST 32

struct mark {
	__u64 time; /* ns, the kernel's */
	struct counted counted;
};

struct marks {
	struct mark mark[MARKS_MOST]; /* the oldest first */
	unsigned int count;
	__u64 interval; /* ns */
};

/* Is it time for another mark? */
bool marks_are_due(const struct marks *marks, __u64 now);

/* Add a mark, whose rows are taken over. */
void marks_add(struct marks *marks, __u64 time, struct counted *counted);

/* Remove marks before the last one that is not younger than @time. */
void marks_forget(struct marks *marks, __u64 time);

/* Remove all. */
void marks_clear(struct marks *marks);

#endif

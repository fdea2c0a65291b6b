/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Names of numbers: of reasons, which have 32 bits, and of rules, which have 64.
 */
#ifndef XDPDROP_RECORD_REASON_H
#define XDPDROP_RECORD_REASON_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/log.h"

struct reason {
	__u64 number;
	char *name;
};

/* Sorted by number; zero-initialised is empty. */
struct reasons {
	struct reason *reason;
	size_t count;
};

/* Give @number a copy of @name, made printable; a later name replaces. Errors: -ENOMEM. */
int reasons_add(struct reasons *reasons, __u64 number, const char *name);

/* Add copies of all that @others have, where there is memory for them. */
void reasons_merge(struct reasons *reasons, const struct reasons *others);

/* Name of @number, owned by @reasons; NULL: it has none. */
const char *reasons_name(const struct reasons *reasons, __u64 number);

/* One of @name's in a list: a name or a number up to @most. False: it is neither. */
bool reasons_number(const struct reasons *reasons, const char *name, __u64 most, __u64 *number);

/*
 * Numbers of the comma-separated names or numbers in @list, at most @max of them, to @numbers.
 * Returns how many; what has no number for @whose is left out and named through @log.
 */
unsigned int reasons_numbers(const struct reasons *reasons, const char *list, __u32 *numbers,
			     unsigned int max, const char *whose, const struct log *log);

/*
 * Add what a file says: lines of "NUMBER NAME", blank lines, "# comments". A line "[rules]" begins
 * the names of rules, which go to @rules. Logs errors.
 */
int reasons_read_file(struct reasons *reasons, struct reasons *rules, const char *path,
		      const struct log *log);

void reasons_free(struct reasons *reasons);

#endif

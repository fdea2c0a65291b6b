/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Names of reasons, which are 32-bit numbers, and of rules, which are 64-bit numbers.
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
	__u32 code; /* of sFlow */
	__u32 has_code : 1;
	__u32 order : 31; /* among those that were appended */
};

/* Sorted by number. Zero-initialised means empty. */
struct reasons {
	struct reason *reason;
	size_t count;
};

/* Name @number with a copy of @name, made printable. Replaces an earlier name. Errors: -ENOMEM. */
int reasons_add(struct reasons *reasons, __u64 number, const char *name);

/*
 * The same for many names, in any order, in a time that does not grow with the square of their
 * number. After the last one, and before any other call, reasons_settle() is due.
 */
int reasons_append(struct reasons *reasons, __u64 number, const char *name);
void reasons_settle(struct reasons *reasons);

/* Add copies of all names of @others. Names for which there is no memory are left out. */
void reasons_merge(struct reasons *reasons, const struct reasons *others);

/* Name of @number, owned by @reasons. NULL: it has no name. */
const char *reasons_name(const struct reasons *reasons, __u64 number);

/* The sFlow code that a file gives to @number. False: none. */
bool reasons_code(const struct reasons *reasons, __u64 number, __u32 *code);

/* The number of @name, which is a known name or a number up to @most. False: it is neither. */
bool reasons_number(const struct reasons *reasons, const char *name, __u64 most, __u64 *number);

/*
 * False: no program can have a reason @name, which begins as a number does, but is neither a 32-bit
 * number nor one of the names in @named. Other names may be those of a program.
 */
bool reasons_may_be(const struct reasons *named, const char *name);

/*
 * Convert the comma-separated names or numbers in @list to at most @max @numbers. Returns their
 * count. Unknown names are skipped with a warning that names @whose.
 */
unsigned int reasons_numbers(const struct reasons *reasons, const char *list, __u32 *numbers,
			     unsigned int max, const char *whose, const struct log *log);

/*
 * Read a file with lines of "NUMBER NAME" or "NUMBER NAME sflow=CODE", blank lines, and
 * "# comments". Names after a line "[rules]" go to @rules. Logs errors: -EINVAL the file, -ENOMEM.
 */
int reasons_read_file(struct reasons *reasons, struct reasons *rules, const char *path,
		      const struct log *log);

void reasons_free(struct reasons *reasons);

#endif

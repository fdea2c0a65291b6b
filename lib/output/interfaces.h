/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * The interfaces of frames that may be written later: their blocks, under a number that stays the
 * same, and their numbers in the present file.
 */
#ifndef XDPDROP_OUTPUT_INTERFACES_H
#define XDPDROP_OUTPUT_INTERFACES_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

struct interface {
	char *block; /* NULL: the number is free */
	__u32 size;
	__u32 in_file; /* its number there, from 1; 0: it is not in it */
	bool used;     /* during interfaces_sweep() */
};

struct interfaces {
	struct interface *entry;
	__u32 count;   /* of entries */
	__u32 vacant;  /* of these, free */
	__u32 in_file; /* interfaces in the present file */
};

/* Add a copy of @block, in the place of a free number if there is one. Errors: -ENOMEM. */
int interfaces_add(struct interfaces *interfaces, const void *block, size_t size, __u32 *number);

/* Is it time to look for numbers that are not used any more? */
bool interfaces_are_full(const struct interfaces *interfaces);

/* Free the entries without ->used, and reset that of the others. */
void interfaces_sweep(struct interfaces *interfaces);

/* Another file begins. */
void interfaces_begin_file(struct interfaces *interfaces);

void interfaces_free(struct interfaces *interfaces);

#endif

/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Structures of the public interface begin with their size, as the caller's xdpdrop.h has it. One
 * policy for all: an older caller's fields are the first ones of ours, a newer caller's first ones
 * are ours.
 */
#ifndef XDPDROP_API_SIZED_H
#define XDPDROP_API_SIZED_H

#include <stddef.h>

/*
 * Copy the caller's structure @given to @known of @size bytes. Fields that the caller does not have
 * become 0; fields that only the caller has must be 0. -EINVAL: they are not, or the size is none.
 */
int sized_read(void *known, size_t size, const void *given);

/*
 * Copy @known of @size bytes to the caller's structure @given, except for its size. Fields that
 * only the caller has become 0. -EINVAL: its size is none.
 */
int sized_write(void *given, const void *known, size_t size);

#endif

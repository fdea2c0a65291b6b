/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Structures of the public interface begin with their size in the caller's header. All follow
 * one policy: an older caller's structure is a prefix of the library's, and a newer caller's
 * structure begins with the library's.
 */
#ifndef XDPDROP_API_SIZED_H
#define XDPDROP_API_SIZED_H

#include <stddef.h>

/*
 * Copy the caller's structure @given to @known of @size bytes. Fields that the caller lacks become
 * 0. Fields that the library lacks must be 0. -EINVAL: they are not, or the size is invalid.
 */
int sized_read(void *known, size_t size, const void *given);

/*
 * Copy @known of @size bytes to the caller's structure @given, except for its size. Fields that the
 * library lacks become 0. -EINVAL: the size is invalid.
 */
int sized_write(void *given, const void *known, size_t size);

#endif

/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Arrays that grow by one element at a time. Their allocated size follows from their number of
 * elements.
 */
#ifndef XDPDROP_BASE_ARRAY_H
#define XDPDROP_BASE_ARRAY_H

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/*
 * Make room for one more element of @size bytes in the array of @count elements to which the
 * pointer at @array points. False: no memory, the array is unchanged.
 */
static inline bool array_grow(void *array, size_t count, size_t size)
{
	void *old, *grown;

	/* grown when @count was a power of two */
	if (count & (count - 1) || count == 1)
		return true;
	memcpy(&old, array, sizeof(old));
	grown = reallocarray(old, count ? 2 * count : 2, size);
	if (!grown)
		return false;
	memcpy(array, &grown, sizeof(grown));
	return true;
}
#define ARRAY_GROW(array, count) array_grow(&(array), (count), sizeof(*(array)))

#endif

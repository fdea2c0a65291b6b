// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Copies bytes; the kind of structure does not matter.
 */
#include "api/sized.h"

#include <errno.h>
#include <string.h>

/* The size of @given; 0: it is too small for the size field. */
static size_t sized_size(const void *given)
{
	size_t size = *(const size_t *)given;

	return size < sizeof(size) ? 0 : size;
}

int sized_read(void *known, size_t size, const void *given)
{
	const char *bytes = given;
	size_t has = sized_size(given);

	if (!has)
		return -EINVAL;
	for (size_t i = size; i < has; i++)
		if (bytes[i])
			return -EINVAL;
	memset(known, 0, size);
	memcpy(known, given, has < size ? has : size);
	return 0;
}

int sized_write(void *given, const void *known, size_t size)
{
	char *bytes = given;
	size_t has = sized_size(given), head = sizeof(has);

	if (!has)
		return -EINVAL;
	memcpy(bytes + head, (const char *)known + head, (has < size ? has : size) - head);
	if (has > size)
		memset(bytes + size, 0, has - size);
	return 0;
}

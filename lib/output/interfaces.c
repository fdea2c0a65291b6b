// SPDX-License-Identifier: LGPL-2.1-only
/*
 * A table that doubles when more than half of it is in use.
 */
#include "output/interfaces.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define INTERFACES_FIRST 64

static int interfaces_grow(struct interfaces *interfaces)
{
	__u32 count = interfaces->count ? 2 * interfaces->count : INTERFACES_FIRST;
	struct interface *grown = reallocarray(interfaces->entry, count, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	memset(grown + interfaces->count, 0, (count - interfaces->count) * sizeof(*grown));
	interfaces->vacant += count - interfaces->count;
	interfaces->entry = grown;
	interfaces->count = count;
	return 0;
}

int interfaces_add(struct interfaces *interfaces, const void *block, size_t size, __u32 *number)
{
	char *copy = malloc(size);
	__u32 at = 0;

	if (!copy || (!interfaces->vacant && interfaces_grow(interfaces))) {
		free(copy);
		return -ENOMEM;
	}
	memcpy(copy, block, size);
	while (interfaces->entry[at].block)
		at++;
	interfaces->entry[at] = (struct interface){ .block = copy, .size = size };
	interfaces->vacant--;
	*number = at;
	return 0;
}

bool interfaces_are_full(const struct interfaces *interfaces)
{
	return interfaces->count && !interfaces->vacant;
}

void interfaces_sweep(struct interfaces *interfaces)
{
	for (__u32 i = 0; i < interfaces->count; i++) {
		struct interface *entry = &interfaces->entry[i];

		if (entry->block && !entry->used) {
			free(entry->block);
			entry->block = NULL;
			interfaces->vacant++;
		}
		entry->used = false;
	}
	/* the next sweep shall not be soon */
	if (interfaces->vacant < interfaces->count / 2)
		interfaces_grow(interfaces);
}

void interfaces_begin_file(struct interfaces *interfaces)
{
	interfaces->in_file = 0;
	for (__u32 i = 0; i < interfaces->count; i++)
		interfaces->entry[i].in_file = 0;
}

void interfaces_free(struct interfaces *interfaces)
{
	for (__u32 i = 0; i < interfaces->count; i++)
		free(interfaces->entry[i].block);
	free(interfaces->entry);
	memset(interfaces, 0, sizeof(*interfaces));
}

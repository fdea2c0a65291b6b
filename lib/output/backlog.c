// SPDX-License-Identifier: LGPL-2.1-only
/*
 * A ring of bytes. A block is contiguous: one that does not fit before the end of the memory is put
 * at its beginning.
 */
#include "output/backlog.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* About the length of the shortest record in a file. */
#define BLOCK_BYTES 64

int backlog_init(struct backlog *backlog, size_t size)
{
	backlog->data = malloc(size);
	backlog->most_blocks = size / BLOCK_BYTES;
	backlog->block = calloc(backlog->most_blocks, sizeof(*backlog->block));
	backlog->size = size;
	if (backlog->data && backlog->block)
		return 0;
	backlog_free(backlog);
	return -ENOMEM;
}

void backlog_free(struct backlog *backlog)
{
	free(backlog->data);
	free(backlog->block);
	free(backlog->head);
	memset(backlog, 0, sizeof(*backlog));
}

/* Where @size bytes fit without replacing a record. False: nowhere. */
static bool backlog_find_room(const struct backlog *backlog, size_t size, size_t *offset)
{
	size_t oldest;

	*offset = 0;
	if (backlog_is_empty(backlog))
		return size <= backlog->size;
	if (backlog->next - backlog->first == backlog->most_blocks)
		return false;
	oldest = backlog_block(backlog, backlog->first)->offset;
	*offset = backlog->end;
	if (oldest >= backlog->end)
		return size <= oldest - backlog->end;
	if (size <= backlog->size - backlog->end)
		return true;
	*offset = 0;
	return size <= oldest;
}

bool backlog_has_room(const struct backlog *backlog, size_t size)
{
	size_t offset;

	return backlog_find_room(backlog, size, &offset);
}

void backlog_put(struct backlog *backlog, const char *data, size_t size, __u16 tag)
{
	size_t offset;

	if (!backlog_find_room(backlog, size, &offset))
		return;
	memcpy(backlog->data + offset, data, size);
	backlog->end = offset + size;
	*backlog_block(backlog, backlog->next++) = (struct backlog_block){
		.offset = offset,
		.size = size,
		.head = backlog->head_size,
		.tag = tag,
	};
}

void backlog_drop(struct backlog *backlog, bool pending)
{
	if (!backlog_block(backlog, backlog->first)->sent && !pending)
		backlog->unsent++;
	backlog->first++;
}

int backlog_put_head(struct backlog *backlog, const char *data, size_t size)
{
	char *grown = realloc(backlog->head, backlog->head_size + size);

	if (!grown)
		return -ENOMEM;
	memcpy(grown + backlog->head_size, data, size);
	backlog->head = grown;
	backlog->head_size += size;
	return 0;
}

void backlog_count_sent(struct backlog *backlog, struct backlog_block *block)
{
	if (!block->sent)
		backlog->written++;
	block->sent = true;
}

// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Sends in this order: the rest of a record that was replaced; records, each after the part of the
 * head that precedes it; the head; the tail.
 */
#include "output/client.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/cleanup.h"

/* Bytes for one call: to look for more costs time, too, if the socket does not take them. */
#define RUN_BYTES (256 * 1024)

void client_init(struct client *client, int fd, const char *name, const struct backlog *backlog)
{
	*client = (struct client){ .fd = fd, .next = backlog->next };
	snprintf(client->name, sizeof(client->name), "%s", name);
}

void client_close(struct client *client)
{
	cleanup_fd(&client->fd);
	free(client->rest);
	free(client->tail);
	client->rest = client->tail = NULL;
}

/* Returns the number of bytes; 0: the socket is full; or -errno. */
static ssize_t client_send_some(struct client *client, const char *data, size_t size)
{
	ssize_t sent;

	do
		sent = send(client->fd, data, size, MSG_DONTWAIT | MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	client->full = sent < 0 && errno == EAGAIN;
	client->moved |= sent > 0;
	if (sent >= 0 || client->full)
		return client->full ? 0 : sent;
	return -errno;
}

/* Send what is left of @data. *@done: bytes that were sent. 0 or -errno. */
static int client_send_rest_of(struct client *client, const char *data, size_t size, size_t *done)
{
	while (*done < size && !client->full) {
		ssize_t sent = client_send_some(client, data + *done, size - *done);

		if (sent < 0)
			return sent;
		*done += sent;
	}
	return 0;
}

static void client_count_sent(struct client *client, __u16 tag)
{
	client->sum.sent++;
	client->point[tag].sent++;
}

static void client_count_lost(struct client *client, __u16 tag)
{
	client->sum.lost++;
	client->point[tag].lost++;
}

static int client_send_rest(struct client *client, struct backlog *backlog)
{
	int err;

	if (!client->rest)
		return 0;
	err = client_send_rest_of(client, client->rest, client->rest_size, &client->rest_sent);
	if (err || client->rest_sent < client->rest_size)
		return err;
	client_count_sent(client, client->rest_tag);
	backlog->written += client->rest_pending;
	client->rest_pending = false;
	free(client->rest);
	client->rest = NULL;
	return 0;
}

/* Length of the records that are contiguous and need no more of the head. */
static size_t client_run(const struct client *client, const struct backlog *backlog)
{
	const struct backlog_block *block = backlog_block(backlog, client->next);
	size_t start = block->offset + client->partial, end = block->offset + block->size;

	for (__u64 next = client->next + 1; next < backlog->next && end - start < RUN_BYTES;
	     next++) {
		block = backlog_block(backlog, next);
		if (block->offset != end || block->head > client->head_sent)
			break;
		end += block->size;
	}
	return end - start;
}

static void client_advance(struct client *client, struct backlog *backlog, size_t bytes)
{
	client->partial += bytes;
	while (client->next < backlog->next) {
		struct backlog_block *block = backlog_block(backlog, client->next);

		if (client->partial < block->size)
			break;
		client->partial -= block->size;
		client->next++;
		client_count_sent(client, block->tag);
		backlog_count_sent(backlog, block);
	}
}

static int client_send_records(struct client *client, struct backlog *backlog)
{
	while (client->next < backlog->next && !client->full) {
		const struct backlog_block *block = backlog_block(backlog, client->next);
		ssize_t sent =
			client_send_rest_of(client, backlog->head, block->head, &client->head_sent);

		if (sent < 0)
			return sent;
		if (client->full)
			break;
		sent = client_send_some(client, backlog->data + block->offset + client->partial,
					client_run(client, backlog));
		if (sent < 0)
			return sent;
		client_advance(client, backlog, sent);
	}
	return 0;
}

int client_send(struct client *client, struct backlog *backlog)
{
	int err = client_send_rest(client, backlog);

	if (!err && !client->full)
		err = client_send_records(client, backlog);
	if (!err && !client->full)
		err = client_send_rest_of(client, backlog->head, backlog->head_size,
					  &client->head_sent);
	if (!err && !client->full)
		err = client_send_rest_of(client, client->tail, client->tail_size,
					  &client->tail_sent);
	return err;
}

bool client_has_more(const struct client *client, const struct backlog *backlog)
{
	return client->rest || client->next < backlog->next ||
	       client->head_sent < backlog->head_size || client->tail_sent < client->tail_size;
}

static int client_save_rest(struct client *client, const struct backlog *backlog)
{
	const struct backlog_block *block = backlog_block(backlog, client->next);

	client->rest_size = block->size - client->partial;
	client->rest_sent = 0;
	client->rest_number = client->next;
	client->rest_tag = block->tag;
	client->rest = malloc(client->rest_size);
	if (!client->rest)
		return -ENOMEM;
	memcpy(client->rest, backlog->data + block->offset + client->partial, client->rest_size);
	return 0;
}

int client_skip(struct client *client, const struct backlog *backlog)
{
	if (client->next != backlog->first)
		return 0;
	if (client->partial && client_save_rest(client, backlog))
		return -ENOMEM;
	if (!client->partial)
		client_count_lost(client, backlog_block(backlog, client->next)->tag);
	client->partial = 0;
	client->next++;
	return 0;
}

void client_give_up(struct client *client, const struct backlog *backlog)
{
	if (client->rest)
		client_count_lost(client, client->rest_tag);
	for (; client->next < backlog->next; client->next++)
		client_count_lost(client, backlog_block(backlog, client->next)->tag);
}

int client_put_tail(struct client *client, const char *data, size_t size)
{
	char *grown = realloc(client->tail, client->tail_size + size);

	if (!grown)
		return -ENOMEM;
	memcpy(grown + client->tail_size, data, size);
	client->tail = grown;
	client->tail_size += size;
	return 0;
}

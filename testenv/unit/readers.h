/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the tests of clients.c share: blocks to send, the readers at the other ends of sockets, and
 * what these have got. Include after <cmocka.h>.
 */
#ifndef XDPDROP_READERS_H
#define XDPDROP_READERS_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "output/clients.h"

#define BACKLOG 8192
#define MOST_RECORDS 20000
#define MOST_READERS 20

static __u64 now, tick;

/* In place of clock.c's: each look at the clock takes a tick. */
__u64 clock_monotonic(void)
{
	return now += tick;
}

/* A block: its size, its number or that of a head block, and letters. */
enum { HEAD = 1, RECORD, TAIL };

struct head {
	uint32_t size, kind, number;
};

/* The other end of a client's socket. */
struct reader {
	int fd;
	char *bytes;
	size_t size, room;
	bool got[MOST_RECORDS];
	unsigned int heads, records, tails;
};

struct bench {
	struct buffer out;
	struct clients *clients;
	unsigned int heads, records;
	struct reader reader[MOST_READERS];
	unsigned int readers;
};

static inline int setup(void **state)
{
	struct bench *bench = calloc(1, sizeof(*bench));

	*state = bench;
	tick = 1000;
	srand(1);
	assert_int_equal(buffer_init(&bench->out, -1, 64 * 1024), 0);
	assert_int_equal(clients_new(&bench->clients, NULL, 0, BACKLOG), 0);
	bench->out.take = clients_take;
	bench->out.taker = bench->clients;
	return 0;
}

static inline int teardown(void **state)
{
	struct bench *bench = *state;

	clients_free(bench->clients);
	buffer_free(&bench->out);
	for (unsigned int i = 0; i < bench->readers; i++) {
		close(bench->reader[i].fd);
		free(bench->reader[i].bytes);
	}
	free(bench);
	return 0;
}

static inline char *put_letters(char *at, struct head head)
{
	memcpy(at, &head, sizeof(head));
	for (uint32_t i = sizeof(head); i < head.size; i++)
		at[i] = 'a' + (head.number + i) % 23;
	return at;
}

static inline void add_head(struct bench *bench)
{
	struct head head = { 40, HEAD, bench->heads++ };

	put_letters(buffer_reserve(&bench->out, head.size), head);
	buffer_commit(&bench->out, head.size, false);
}

static inline void add_record(struct bench *bench, uint32_t size)
{
	struct head head = { size, RECORD, bench->records++ };

	bench->out.tag = head.number % 3;
	put_letters(buffer_reserve_record(&bench->out, size), head);
	buffer_commit(&bench->out, size, true);
}

static inline void add_records(struct bench *bench, unsigned int count, uint32_t size)
{
	while (count--)
		add_record(bench, size);
	assert_int_equal(buffer_flush(&bench->out), 0);
	clients_serve(bench->clients);
}

/* A client whose socket takes a few KiB. */
static inline struct reader *connect_reader(struct bench *bench)
{
	struct reader *reader = &bench->reader[bench->readers];
	int ends[2], least = 1;
	char name[24];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	assert_int_equal(setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &least, sizeof(least)), 0);
	snprintf(name, sizeof(name), "%u", bench->readers++);
	reader->fd = ends[1];
	clients_add(bench->clients, ends[0], name);
	return reader;
}

/* Read up to @most bytes, without waiting. */
static inline void read_some(struct reader *reader, size_t most)
{
	if (reader->size + most > reader->room) {
		reader->room = 2 * (reader->size + most);
		reader->bytes = realloc(reader->bytes, reader->room);
	}
	while (most) {
		ssize_t got = recv(reader->fd, reader->bytes + reader->size, most, MSG_DONTWAIT);

		if (got <= 0)
			break;
		reader->size += got;
		most -= got;
	}
}

static inline void read_all(struct bench *bench, struct reader *reader)
{
	size_t before;

	do {
		before = reader->size;
		read_some(reader, 64 * 1024);
		clients_serve(bench->clients);
	} while (reader->size > before);
}

/* Whole blocks, in order, none twice, each interface before its records. */
static inline void check_blocks(struct reader *reader, bool cut)
{
	struct head head, before = { 0 };
	char *expected = malloc(BACKLOG);
	size_t at;

	for (at = 0; at + sizeof(head) <= reader->size; at += head.size) {
		memcpy(&head, reader->bytes + at, sizeof(head));
		if (cut && at + head.size > reader->size)
			break;
		assert_true(head.size <= BACKLOG && at + head.size <= reader->size);
		assert_memory_equal(reader->bytes + at, put_letters(expected, head), head.size);
		if (head.kind == HEAD) {
			assert_int_equal(head.number, reader->heads++);
		} else if (head.kind == RECORD) {
			assert_true(reader->heads > 0);
			assert_true(!reader->records || head.number > before.number);
			reader->got[head.number] = true;
			reader->records++;
			before = head;
		} else {
			assert_int_equal(head.kind, TAIL);
			reader->tails++;
		}
	}
	assert_true(cut || at == reader->size);
	free(expected);
}

static inline struct client *client_of(struct bench *bench, const struct reader *reader)
{
	char name[24];

	snprintf(name, sizeof(name), "%td", reader - bench->reader);
	for (unsigned int i = 0; i < CLIENTS_MOST; i++)
		if (bench->clients->client[i].fd >= 0 &&
		    !strcmp(bench->clients->client[i].name, name))
			return &bench->clients->client[i];
	return NULL;
}

static inline void assert_sums(const struct bench *bench, __u64 written, __u64 unsent)
{
	assert_int_equal(bench->clients->backlog.written, written);
	assert_int_equal(bench->clients->backlog.unsent, unsent);
}

#endif

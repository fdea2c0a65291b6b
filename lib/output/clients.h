/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * The clients of listening sockets: takes what the writer has put into a buffer and sends it to
 * each of them. A client that is too slow loses whole records and delays nothing.
 */
#ifndef XDPDROP_OUTPUT_CLIENTS_H
#define XDPDROP_OUTPUT_CLIENTS_H

#include "base/log.h"
#include "output/buffer.h"
#include "output/client.h"

#define CLIENTS_MOST 16
#define CLIENTS_LISTENERS 8

struct clients {
	const struct log *log; /* may be NULL */
	struct backlog backlog;
	struct client client[CLIENTS_MOST];
	unsigned int count; /* clients there are */
	int listener[CLIENTS_LISTENERS];
	unsigned int listeners;
	int epoll_fd;	/* readable when there is something to do for clients_serve() */
	__u64 accepted; /* clients there were */
	__u64 lost;	/* records that clients lost, of those that are gone */
	bool refused;	/* a client was refused since the last one has gone */
	bool cannot;	/* a client could not be accepted, and that was logged */
	bool ending;	/* no new frames: from now on slow clients are waited for */
	__u64 end;	/* ns; time by which all clients are closed; 0: not yet determined */
	struct client *addressee; /* gets the blocks alone; NULL: all get them */
};

/*
 * @listen_fds: listening stream sockets, which become non-blocking and stay the caller's. @size: of
 * the backlog. Errors: -EINVAL: not such sockets, or too many; -ENOMEM; those of epoll.
 */
int clients_new(struct clients **clients, const int *listen_fds, unsigned int count, size_t size);

/* Close all clients at once. NULL is allowed. */
void clients_free(struct clients *clients);

/* Add a client; @fd is owned from now on. Without room it is closed, and that is logged. */
void clients_add(struct clients *clients, int fd, const char *name);

/* The take() of a buffer: @data is a struct clients. 0 or -ENOMEM. */
int clients_take(void *data, const struct buffer *out);

/* Count a record that is not even put into the buffer, because there are no clients. */
static inline void clients_count_unsent(struct clients *clients)
{
	clients->backlog.unsent++;
}

/* Accept new clients, and send what clients have room for. Never waits. */
void clients_serve(struct clients *clients);

/* Wait until clients have got everything. Those that do not read for some seconds are closed. */
void clients_drain(struct clients *clients);

/* clients_drain(), and close all clients. */
void clients_finish(struct clients *clients);

/* Records that clients have lost, summed over all clients there were. */
__u64 clients_lost(const struct clients *clients);

#endif

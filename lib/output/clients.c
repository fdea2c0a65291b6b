// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Accepts clients, wakes the session for them, and closes them. The sockets are edge-triggered: one
 * that has failed or is full must not wake the session again and again.
 */
#include "output/clients.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "base/clock.h"

#define SECOND_NS 1000000000ULL
/* At the end: for a client that reads nothing, and for one that reads slowly. */
#define PATIENCE_NS (2 * SECOND_NS)
#define LONGEST_NS (10 * SECOND_NS)
#define WAIT_MS 50
/* Clients to accept at once: frames get their turn. */
#define MOST_ACCEPTS 32
/* Bytes that a client sends are read and thrown away: unread, they would end it with a reset. */
#define MOST_SCRAPS 16

static bool clients_is_listening(int fd)
{
	int listening = 0, flags = fcntl(fd, F_GETFL);
	socklen_t size = sizeof(listening);

	return flags >= 0 && !getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) &&
	       listening && !fcntl(fd, F_SETFL, flags | O_NONBLOCK);
}

static int clients_watch(const struct clients *clients, int fd, __u32 events)
{
	struct epoll_event event = { .events = events | EPOLLET, .data.fd = fd };

	return epoll_ctl(clients->epoll_fd, EPOLL_CTL_ADD, fd, &event) ? -errno : 0;
}

static int clients_listen(struct clients *clients, const int *listen_fds, unsigned int count)
{
	int err = 0;

	if (count > CLIENTS_LISTENERS)
		return -EINVAL;
	for (unsigned int i = 0; !err && i < count; i++) {
		err = clients_is_listening(listen_fds[i]) ?
			      clients_watch(clients, listen_fds[i], EPOLLIN) :
			      -EINVAL;
		clients->listener[clients->listeners++] = listen_fds[i];
	}
	return err;
}

int clients_new(struct clients **out, const int *listen_fds, unsigned int count, size_t size)
{
	struct clients *clients = calloc(1, sizeof(*clients));
	int err;

	if (!clients)
		return -ENOMEM;
	for (unsigned int i = 0; i < CLIENTS_MOST; i++)
		clients->client[i].fd = -1;
	clients->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	err = clients->epoll_fd < 0 ? -errno : backlog_init(&clients->backlog, size);
	if (!err)
		err = clients_listen(clients, listen_fds, count);
	if (err) {
		clients_free(clients);
		return err;
	}
	*out = clients;
	return 0;
}

void clients_free(struct clients *clients)
{
	if (!clients)
		return;
	for (unsigned int i = 0; i < CLIENTS_MOST; i++)
		client_close(&clients->client[i]);
	backlog_free(&clients->backlog);
	cleanup_fd(&clients->epoll_fd);
	free(clients);
}

/* Remove the records that no client needs. */
static void clients_trim(struct clients *clients)
{
	struct backlog *backlog = &clients->backlog;
	__u64 needed = backlog->next;

	for (unsigned int i = 0; i < CLIENTS_MOST; i++)
		if (clients->client[i].fd >= 0 && clients->client[i].next < needed)
			needed = clients->client[i].next;
	while (backlog->first < needed)
		backlog_drop(backlog, false);
}

/* Another client may still get the record of which @client had a part when it was replaced. */
static void clients_pass_on_rest(struct clients *clients, const struct client *client)
{
	if (!client->rest_pending)
		return;
	for (unsigned int i = 0; i < CLIENTS_MOST; i++) {
		struct client *other = &clients->client[i];

		if (other != client && other->fd >= 0 && other->rest &&
		    other->rest_number == client->rest_number) {
			other->rest_pending = true;
			return;
		}
	}
	clients->backlog.unsent++;
}

/* @why: what the client has done; NULL: it has got everything, or was given up. */
static void clients_close(struct clients *clients, struct client *client, const char *why)
{
	enum xdpdrop_log_level level = client->sum.lost ? XDPDROP_LOG_WARN : XDPDROP_LOG_INFO;

	clients_pass_on_rest(clients, client);
	log_message(clients->log, level, "client %s%s%s: %llu frames sent, %llu lost", client->name,
		    why ? " " : "", why ? why : "", client->sum.sent, client->sum.lost);
	clients->lost += client->sum.lost;
	client_close(client);
	clients->count--;
	clients->refused = clients->cannot = false;
	clients_trim(clients);
}

/* One that has closed its end has probably gone: that is sure only when a record is sent to it. */
static struct client *clients_find_room(struct clients *clients)
{
	struct client *closed = NULL;

	for (unsigned int i = 0; i < CLIENTS_MOST; i++) {
		struct client *client = &clients->client[i];

		if (client->fd < 0)
			return client;
		if (client->closed)
			closed = client;
	}
	if (closed)
		clients_close(clients, closed, "had closed its end");
	return closed;
}

void clients_add(struct clients *clients, int fd, const char *name)
{
	struct client *client = clients_find_room(clients);

	if (!client || clients_watch(clients, fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP)) {
		if (!clients->refused)
			log_warn(clients->log, "client %s is refused: there are %u clients", name,
				 clients->count);
		clients->refused = true;
		close(fd);
		return;
	}
	client_init(client, fd, name, &clients->backlog);
	clients->count++;
	clients->accepted++;
	log_info(clients->log, "client %s has connected", name);
}

/* inet_ntop() needs no system call; getnameinfo() may. */
static void clients_name(char *name, size_t size, const struct sockaddr_storage *address)
{
	const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)address;
	const struct sockaddr_in *four = (const struct sockaddr_in *)address;
	char text[INET6_ADDRSTRLEN] = "";

	if (address->ss_family == AF_INET6 &&
	    inet_ntop(AF_INET6, &six->sin6_addr, text, sizeof(text)))
		snprintf(name, size, "[%s]:%u", text, ntohs(six->sin6_port));
	else if (address->ss_family == AF_INET &&
		 inet_ntop(AF_INET, &four->sin_addr, text, sizeof(text)))
		snprintf(name, size, "%s:%u", text, ntohs(four->sin_port));
	else
		snprintf(name, size, "on this machine");
}

/* Returns false if no client is waiting. */
static bool clients_accept_one(struct clients *clients, int listener)
{
	struct sockaddr_storage address = { 0 };
	socklen_t size = sizeof(address);
	char name[CLIENT_NAME];
	int fd = accept4(listener, (struct sockaddr *)&address, &size, SOCK_CLOEXEC);

	if (fd >= 0) {
		clients_name(name, sizeof(name), &address);
		clients_add(clients, fd, name);
		return true;
	}
	if (errno == EAGAIN)
		return false;
	if (errno == EINTR || errno == ECONNABORTED)
		return true;
	if (!clients->cannot)
		log_warn(clients->log, "cannot accept a client: %s", strerror(errno));
	clients->cannot = true;
	return false;
}

static void clients_accept(struct clients *clients)
{
	for (unsigned int i = 0; i < clients->listeners; i++) {
		unsigned int accepts = 0;

		while (accepts < MOST_ACCEPTS && clients_accept_one(clients, clients->listener[i]))
			accepts++;
	}
}

/* A client sends nothing that matters. */
static void clients_read(struct client *client)
{
	char scraps[4096];
	ssize_t size = 1;

	for (int i = 0; size > 0 && i < MOST_SCRAPS; i++)
		size = recv(client->fd, scraps, sizeof(scraps), MSG_DONTWAIT);
}

static void clients_take_event(struct clients *clients, const struct epoll_event *event)
{
	for (unsigned int i = 0; i < CLIENTS_MOST; i++) {
		struct client *client = &clients->client[i];

		if (client->fd != event->data.fd)
			continue;
		if (event->events & (EPOLLERR | EPOLLHUP)) {
			clients_close(clients, client, "has gone");
			return;
		}
		if (event->events & EPOLLOUT)
			client->full = false;
		if (event->events & EPOLLRDHUP)
			client->closed = true;
		if (event->events & EPOLLIN)
			clients_read(client);
	}
}

static void clients_wait(struct clients *clients, int timeout_ms)
{
	struct epoll_event events[CLIENTS_MOST + CLIENTS_LISTENERS];
	int count =
		epoll_wait(clients->epoll_fd, events, CLIENTS_MOST + CLIENTS_LISTENERS, timeout_ms);

	for (int i = 0; i < count; i++)
		clients_take_event(clients, &events[i]);
}

static void clients_send(struct clients *clients)
{
	for (unsigned int i = 0; i < CLIENTS_MOST; i++) {
		struct client *client = &clients->client[i];

		if (client->fd >= 0 && !client->full && client_send(client, &clients->backlog))
			clients_close(clients, client, "has gone");
	}
	clients_trim(clients);
}

void clients_serve(struct clients *clients)
{
	clients_wait(clients, 0);
	clients_accept(clients);
	clients_send(clients);
}

/* Close clients that have not taken anything for too long. Returns how many have more to get. */
static unsigned int clients_check(struct clients *clients, __u64 now)
{
	unsigned int busy = 0;

	for (unsigned int i = 0; i < CLIENTS_MOST; i++) {
		struct client *client = &clients->client[i];

		if (client->fd < 0 || !client_has_more(client, &clients->backlog))
			continue;
		if (client->moved)
			client->since = now;
		client->moved = false;
		busy++;
		if (now - client->since < PATIENCE_NS && now < clients->end)
			continue;
		client_give_up(client, &clients->backlog);
		clients_close(clients, client, "is closed, too slow at the end");
		busy--;
	}
	return busy;
}

/* Wait until the backlog has room for a record of @size bytes, or 0: until it is sent. */
static void clients_wait_for_room(struct clients *clients, size_t size)
{
	__u64 now = clock_monotonic();

	if (!clients->end)
		clients->end = now + LONGEST_NS;
	for (unsigned int i = 0; i < CLIENTS_MOST; i++)
		clients->client[i].since = now;
	clients_send(clients);
	while (!(size && backlog_has_room(&clients->backlog, size)) &&
	       clients_check(clients, now)) {
		clients_wait(clients, WAIT_MS);
		clients_send(clients);
		now = clock_monotonic();
	}
}

/* Replace the oldest record. One that a client has got in part may still become whole for it. */
static void clients_replace(struct clients *clients)
{
	struct backlog *backlog = &clients->backlog;
	__u64 oldest = backlog->first;
	unsigned int failed = 0; /* a bit for each client */
	bool pending = false;

	for (unsigned int i = 0; i < CLIENTS_MOST; i++) {
		struct client *client = &clients->client[i];

		if (client->fd < 0)
			continue;
		if (client_skip(client, backlog))
			failed |= 1U << i;
		else if (!pending && client->rest && client->rest_number == oldest &&
			 !backlog_block(backlog, oldest)->sent)
			pending = client->rest_pending = true;
	}
	backlog_drop(backlog, pending);
	for (unsigned int i = 0; i < CLIENTS_MOST; i++)
		if (failed & 1U << i)
			clients_close(clients, &clients->client[i], "is closed: out of memory");
}

static void clients_take_record(struct clients *clients, const char *data, size_t size, __u16 tag)
{
	struct backlog *backlog = &clients->backlog;

	if (clients->ending && clients->count && !backlog_has_room(backlog, size))
		clients_wait_for_room(clients, size);
	while (clients->count && !backlog_has_room(backlog, size))
		clients_replace(clients);
	if (clients->count)
		backlog_put(backlog, data, size, tag);
	else
		clients_count_unsent(clients);
}

static int clients_take_block(struct clients *clients, const char *data, size_t size,
			      const struct buffer_block *block)
{
	if (clients->addressee)
		return client_put_tail(clients->addressee, data, size);
	if (!block->is_record)
		return backlog_put_head(&clients->backlog, data, size);
	clients_take_record(clients, data, size, block->tag);
	return 0;
}

static bool clients_are_full(const struct clients *clients)
{
	for (unsigned int i = 0; i < CLIENTS_MOST; i++)
		if (clients->client[i].fd >= 0 && clients->client[i].full)
			return true;
	return false;
}

/* In a flood, many buffers come between two calls of clients_serve(). */
int clients_take(void *data, const struct buffer *out)
{
	struct clients *clients = data;
	size_t start = 0;
	int err = 0;

	if (clients_are_full(clients))
		clients_wait(clients, 0);
	/* past an error, so that each record is counted */
	for (unsigned int i = 0; i < out->blocks; i++) {
		const struct buffer_block *block = &out->block[i];
		int failed =
			clients_take_block(clients, out->data + start, block->end - start, block);

		err = err ? err : failed;
		start = block->end;
	}
	clients_send(clients);
	return err;
}

void clients_drain(struct clients *clients)
{
	clients_wait_for_room(clients, 0);
}

void clients_finish(struct clients *clients)
{
	clients_drain(clients);
	for (unsigned int i = 0; i < CLIENTS_MOST; i++)
		if (clients->client[i].fd >= 0)
			clients_close(clients, &clients->client[i], NULL);
}

__u64 clients_lost(const struct clients *clients)
{
	__u64 lost = clients->lost;

	for (unsigned int i = 0; i < CLIENTS_MOST; i++)
		if (clients->client[i].fd >= 0)
			lost += clients->client[i].sum.lost;
	return lost;
}

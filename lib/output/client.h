/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * One client: a connected stream socket, and how far it has got. It gets whole blocks, and never
 * blocks the caller.
 */
#ifndef XDPDROP_OUTPUT_CLIENT_H
#define XDPDROP_OUTPUT_CLIENT_H

#include "control.h"
#include "output/backlog.h"

#define CLIENT_NAME 64

/* Records of one capture point. */
struct client_counts {
	__u64 sent, lost;
};

struct client {
	int fd; /* -1: there is no client */
	char name[CLIENT_NAME];
	size_t head_sent;
	__u64 next;	/* number of the record to be sent */
	size_t partial; /* bytes of it that were sent */
	/* The remainder of a record that was replaced after a part of it had been sent. */
	char *rest;
	size_t rest_size, rest_sent;
	__u64 rest_number;
	__u16 rest_tag;
	bool rest_pending; /* this client decides whether the record counts as written */
	/* Blocks for this client alone, at the end. */
	char *tail;
	size_t tail_size, tail_sent;
	bool full;   /* the socket takes nothing until it reports that it does */
	bool closed; /* the client has closed its sending end, and maybe has gone */
	bool moved;  /* something was sent since this was last cleared */
	__u64 since; /* ns; for clients.c, which waits at the end: when something was sent last */
	struct client_counts sum, point[XDPDROP_MAX_POINTS];
};

/* @fd: owned from now on. Records of @backlog that are already there are not for it. */
void client_init(struct client *client, int fd, const char *name, const struct backlog *backlog);

/* Close the socket, and free memory. */
void client_close(struct client *client);

/* Send as much as the socket takes. 0; negative: the client has gone. */
int client_send(struct client *client, struct backlog *backlog);

/* Is there more to send? */
bool client_has_more(const struct client *client, const struct backlog *backlog);

/*
 * The oldest record is about to be removed from @backlog: what the client has not got of it is
 * lost, except for a record that was begun. 0 or -ENOMEM.
 */
int client_skip(struct client *client, const struct backlog *backlog);

/* Count the records that the client will not get. */
void client_give_up(struct client *client, const struct backlog *backlog);

/* Add a block that follows all records. 0 or -ENOMEM. */
int client_put_tail(struct client *client, const char *data, size_t size);

#endif

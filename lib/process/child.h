/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * A process of the library's own: forked, deaf to signals that are meant for its parent, with no
 * more capabilities than BPF and networks ask for, and joined to its parent by a socket.
 */
#ifndef XDPDROP_PROCESS_CHILD_H
#define XDPDROP_PROCESS_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

struct child {
	pid_t pid;  /* 0: none */
	int socket; /* the parent's end; closed by the parent's death */
};

/*
 * What it does, with its end of the socket and its copy of the parent's memory. The parent waits
 * until it has called child_ready().
 */
typedef void (*child_fn)(void *data, int socket);

/*
 * Start one called @name in ps; @type as for socketpair(). Returns when it is ready, or has died,
 * and then child_lost() says so. On success @child is to be given to child_wait(). Errors:
 * socketpair()'s, pipe()'s, fork()'s.
 */
int child_start(struct child *child, const char *name, int type, child_fn fn, void *data);

/* In the child, once: it is in charge now. */
void child_ready(void);

/* Has it ended? */
bool child_ended(const struct child *child);

/* Has it ended? Then it need not be waited for. */
bool child_lost(struct child *child);

/* Hang up and wait for its end, for which a stopped one goes on; nothing if there is none. */
void child_wait(struct child *child);

#endif

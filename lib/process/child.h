/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * A process of the library's own: deaf to signals that are meant for its parent, with no more
 * capabilities than BPF and networks ask for, and joined to its parent by a socket.
 */
#ifndef XDPDROP_PROCESS_CHILD_H
#define XDPDROP_PROCESS_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/fd_list.h"

struct child {
	pid_t pid;  /* 0: none */
	int socket; /* the parent's end; closed by the parent's death */
};

/*
 * What a forked child does, with its end of the socket and its copy of the parent's memory. The
 * parent waits until it has called child_ready().
 */
typedef void (*child_fn)(void *data, int socket);

/*
 * Fork one called @name in ps, which has no descriptors but those in @keep and its socket, of
 * type SOCK_SEQPACKET. Returns when it is ready; then @child is to be given to child_wait().
 * Errors: -ECHILD it has died before; socketpair()'s, pipe()'s, fork()'s.
 */
int child_start(struct child *child, const char *name, struct fd_list *keep, child_fn fn,
		void *data);

/* In the child, once: it is in charge now. */
void child_ready(void);

/* In any process of the library's own: be what this file's first comment promises. */
void child_settle(const char *name);

/* Has it ended? */
bool child_ended(const struct child *child);

/* Has somebody stopped it? */
bool child_stopped(const struct child *child);

/* Hang up, and do not wait. */
void child_leave(struct child *child);

/* Hang up and wait for its end, for which a stopped one is continued; nothing if there is none. */
void child_wait(struct child *child);

#endif

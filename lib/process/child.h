/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * A child process of the library. It ignores signals that are meant for its parent, has only the
 * capabilities that it needs, and is connected to its parent by a socket.
 */
#ifndef XDPDROP_PROCESS_CHILD_H
#define XDPDROP_PROCESS_CHILD_H

#include <linux/types.h>
#include <stdbool.h>
#include <sys/types.h>

#include "base/fd_list.h"
#include "base/log.h"

struct child {
	pid_t pid;  /* 0: none */
	int socket; /* the parent's end; the kernel closes it when the parent dies */
};

/*
 * The function of a forked child, with its end of the socket and a copy of the parent's memory. The
 * parent waits until it calls child_ready().
 */
typedef void (*child_fn)(void *data, int socket);

/*
 * Fork a child with the process name @name. It has only the @capabilities, of privilege.h, that
 * this process has, the descriptors in @keep, and its socket, of type SOCK_SEQPACKET. Returns when
 * it is ready; then @child is to be passed to child_wait(). A stopped child is continued; a child
 * that is not ready after a while is named in a message. Errors, and then there is no child:
 * -ECHILD: it died before; -EINTR: *@broken, which a signal handler or another thread may set, is
 * not 0; socketpair()'s, pipe()'s, fork()'s.
 */
int child_start(struct child *child, const char *name, __u64 capabilities, struct fd_list *keep,
		child_fn fn, void *data, const struct log *log, const int *broken);

/* Called once in the child: it is ready. */
void child_ready(void);

/* Set up a process of the library as described above. */
void child_settle(const char *name, __u64 capabilities);

/* Has the child ended? */
bool child_ended(const struct child *child);

/* Put its signal or its status into @text, in parentheses; nothing if it has not ended. */
void child_how_ended(const struct child *child, char *text, size_t size);

/* Is the child stopped? */
bool child_stopped(const struct child *child);

/*
 * Continue a process, which need not be a child, if it is stopped. One that runs gets no signal:
 * SIGCONT would take away the stop that a debugger or LeakSanitizer has sent and waits for.
 */
void child_continue(pid_t pid);

/* Close the socket without waiting. */
void child_leave(struct child *child);

/*
 * Close the socket and wait for the end of the child, if there is one. A stopped child is
 * continued.
 */
void child_wait(struct child *child);

/*
 * The same, but for @ms at most: false: it has not ended, and is left to itself. It may be stopped,
 * and this process may not continue it.
 */
bool child_wait_for(struct child *child, unsigned int ms);

#endif

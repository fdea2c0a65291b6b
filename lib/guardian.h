/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * A child process that outlives a capture which is killed, and undoes what it did.
 */
#ifndef XDPDROP_GUARDIAN_H
#define XDPDROP_GUARDIAN_H

#include <stdbool.h>
#include <sys/types.h>

/* What the child does, in its copy of the parent's memory as it was at the start. */
struct guardian_duty {
	void (*begin)(void *data); /* let go of what only the parent may hold */
	void (*watch)(
		void *data);	 /* every second, while the parent lives, also when it is stopped */
	void (*end)(void *data); /* once, when the parent has died without dismissing it */
	void *data;
};

struct guardian {
	pid_t pid;  /* 0: none */
	int socket; /* the parent's end; closed by the parent's death */
};

/* Start a guardian in place of the one in @guardian, if any. Errors: socketpair()'s, fork()'s. */
int guardian_start(struct guardian *guardian, const struct guardian_duty *duty);

/* Has it been killed? */
bool guardian_lost(struct guardian *guardian);

/* Dismiss it and wait for its end; nothing if there is none. */
void guardian_stop(struct guardian *guardian);

#endif

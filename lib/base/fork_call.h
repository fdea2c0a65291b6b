/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Calls a function in a forked copy of this process, for libraries that leak descriptors or memory:
 * the leak ends with the copy.
 */
#ifndef XDPDROP_BASE_FORK_CALL_H
#define XDPDROP_BASE_FORK_CALL_H

#include <stddef.h>
#include <sys/types.h>

/* Reads its arguments from @data and writes its result there. 0 or a negative error. */
typedef int (*fork_call_fn)(void *data);

/*
 * Call @fn in a forked copy of this process, and return what it returned. On success @data becomes
 * the copy's @data of @size bytes. Other changes stay in the copy, except for messages already
 * logged. If no process can be forked, @fn is called in this one. Errors: @fn's; -ECANCELED: the
 * copy was killed.
 */
int fork_call(fork_call_fn fn, void *data, size_t size);

/* Wait for the end of child @pid. If somebody stops it, it is continued. */
void fork_wait(pid_t pid);

#endif

/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Questions to libraries that do not give back all they take: asked by a process that ends with
 * the answer.
 */
#ifndef XDPDROP_BASE_FORK_CALL_H
#define XDPDROP_BASE_FORK_CALL_H

#include <stddef.h>

/* Reads the question from @data and leaves the answer there. 0 or a negative error. */
typedef int (*fork_call_fn)(void *data);

/*
 * Have a copy of this process call @fn, and return what it returned; on success @data has become
 * the copy's, @size bytes. Nothing else of what it did can be seen here, but what it logged.
 * Without room for another process it is called in this one. Errors: @fn's, -ECANCELED somebody
 * killed the process.
 */
int fork_call(fork_call_fn fn, void *data, size_t size);

#endif

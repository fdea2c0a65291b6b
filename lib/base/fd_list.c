// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Uses close_range(2), or close() for each descriptor before Linux 5.9.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/array.h"
#include "base/fd_list.h"

#ifndef SYS_close_range
#define SYS_close_range 436
#endif

void fd_list_add(struct fd_list *list, int fd)
{
	if (fd < 0)
		return;
	if (ARRAY_GROW(list->fd, list->count))
		list->fd[list->count++] = fd;
	else
		list->incomplete = true;
}

static int fd_list_compare(const void *a, const void *b)
{
	const int *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

static int fd_list_close_range(unsigned int first, unsigned int last)
{
	if (first > last || !syscall(SYS_close_range, first, last, 0))
		return 0;
	if (errno != ENOSYS)
		return -errno;
	if (last > sysconf(_SC_OPEN_MAX))
		last = sysconf(_SC_OPEN_MAX);
	while (first <= last)
		close(first++);
	return 0;
}

int fd_list_close_others(struct fd_list *list)
{
	unsigned int next = STDERR_FILENO + 1;

	if (list->incomplete)
		return -ENOMEM;
	if (list->count)
		qsort(list->fd, list->count, sizeof(*list->fd), fd_list_compare);
	for (size_t i = 0; i < list->count; i++) {
		unsigned int fd = list->fd[i];
		int err = fd > next ? fd_list_close_range(next, fd - 1) : 0;

		if (err)
			return err;
		if (fd >= next)
			next = fd + 1;
	}
	return fd_list_close_range(next, UINT_MAX);
}

void fd_list_free(struct fd_list *list)
{
	free(list->fd);
	*list = (struct fd_list){ 0 };
}

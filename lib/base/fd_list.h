/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * The descriptors that a process keeps when it closes all others.
 */
#ifndef XDPDROP_BASE_FD_LIST_H
#define XDPDROP_BASE_FD_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct fd_list {
	int *fd;
	size_t count;
	bool incomplete; /* a descriptor is missing for want of memory */
};

/* Add @fd unless it is -1. */
void fd_list_add(struct fd_list *list, int fd);

/* Close every descriptor above 2 that is not in @list. Sorts @list. 0 or -errno. */
int fd_list_close_others(struct fd_list *list);

void fd_list_free(struct fd_list *list);

#endif

/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Local variables that release what they own at the end of their scope. take_fd() transfers
 * ownership of a descriptor to the caller.
 */
#ifndef XDPDROP_BASE_CLEANUP_H
#define XDPDROP_BASE_CLEANUP_H

#include <stdlib.h>
#include <unistd.h>

static inline void cleanup_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static inline void cleanup_free(void *pointer)
{
	free(*(void **)pointer);
}

static inline int take_fd(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

#define CLEANUP_FD __attribute__((cleanup(cleanup_fd), unused))
#define CLEANUP_FREE __attribute__((cleanup(cleanup_free)))

#endif

/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Writes to a regular file past the page cache (O_DIRECT in open(2)). The pages of a capture that
 * is larger than memory are written to the disk in any case, and their copy takes more CPU time
 * than the rest of the reader. A disk that is slow for a while is left to the page cache, which can
 * take a burst.
 */
#ifndef XDPDROP_OUTPUT_DIRECT_H
#define XDPDROP_OUTPUT_DIRECT_H

#include <stdbool.h>
#include <stddef.h>

#define DIRECT_ALIGN 4096 /* of positions, sizes and addresses, as most file systems require */
#define DIRECT_LEAST (128 * 1024)     /* shorter writes take longer than their copy */
#define DIRECT_MOST (4 * 1024 * 1024) /* longer ones take no less time per byte */
#define DIRECT_HUGE (2 * 1024 * 1024) /* alignment of huge pages on most machines */

struct direct {
	bool usable;
	bool on; /* O_DIRECT is set: an ordinary write would fail */
	unsigned long long
		behind; /* ns that writes took longer than on a disk that is fast enough */
	size_t rest;	/* bytes that are left to the page cache */
};

/* Only this process writes to the open file of @fd, and is at its start. */
void direct_begin(struct direct *direct, int fd);

/*
 * Write @size bytes, a multiple of DIRECT_ALIGN, @back bytes before the present position. False:
 * nothing has changed, and write(2) is to be used.
 */
bool direct_write(struct direct *direct, int fd, const void *data, size_t size, size_t back);

/*
 * Before an ordinary write: have the file take one, if an earlier call could not. 0 or -errno; then
 * there are no more writes past the page cache.
 */
int direct_leave(struct direct *direct, int fd);

#endif

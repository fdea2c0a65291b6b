/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XDPDROP_LOADER_WRITE_ALL_H
#define XDPDROP_LOADER_WRITE_ALL_H

#include <stddef.h>

/* Write @left bytes to a descriptor that waits. 0 or -errno; then a part may be written. */
int write_all(int fd, const char *bytes, size_t left);

#endif

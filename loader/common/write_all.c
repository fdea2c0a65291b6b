// SPDX-License-Identifier: GPL-2.0-only
#include "common/write_all.h"

#include <errno.h>
#include <unistd.h>

int write_all(int fd, const char *bytes, size_t left)
{
	while (left) {
		ssize_t written = write(fd, bytes, left);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return -errno;
		bytes += written;
		left -= written;
	}
	return 0;
}

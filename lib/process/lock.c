// SPDX-License-Identifier: LGPL-2.1-only
/*
 * An flock() on an empty file in /run, held only while arming, disarming and cleaning.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>

#include "base/cleanup.h"
#include "process/lock.h"

#define LOCK_PATH "/run/xdpdrop.lock"

int lock_take(const struct log *log)
{
	CLEANUP_FD int fd = open(LOCK_PATH, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0) {
		log_warn(log,
			 "cannot open %s: %s; going on without it, so do not start two "
			 "captures in the same instant",
			 LOCK_PATH, strerror(errno));
		return -errno;
	}
	while (flock(fd, LOCK_EX))
		if (errno != EINTR)
			return -errno;
	return take_fd(&fd);
}

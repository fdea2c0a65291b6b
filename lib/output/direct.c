// SPDX-License-Identifier: LGPL-2.1-only
#include "output/direct.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/clock.h"

#define DIRECT_NS_PER_KIB 4000	       /* 256 MB/s are fast enough */
#define DIRECT_BEHIND 100000000ULL     /* ns; about what the rings have room for in a flood */
#define DIRECT_REST (64 * 1024 * 1024) /* bytes up to the next attempt */

/* 0 or -errno. EINVAL: the file system has no such writes. */
static int direct_enter(struct direct *direct, int fd)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_DIRECT))
		return -errno;
	direct->on = true;
	return 0;
}

int direct_leave(struct direct *direct, int fd)
{
	int flags;

	if (!direct->on)
		return 0;
	flags = fcntl(fd, F_GETFL);
	if (flags < 0 || fcntl(fd, F_SETFL, flags & ~O_DIRECT)) {
		direct->usable = false;
		return -errno;
	}
	direct->on = false;
	return 0;
}

/* There, such writes are copied, too (Linux 6.6 and later). */
static bool direct_is_memory(int fd)
{
	struct statfs fs;

	return !fstatfs(fd, &fs) && (fs.f_type == TMPFS_MAGIC || fs.f_type == RAMFS_MAGIC);
}

void direct_begin(struct direct *direct, int fd)
{
	int flags = fcntl(fd, F_GETFL);
	struct stat st;

	*direct = (struct direct){ 0 };
	if (flags < 0 || flags & (O_APPEND | O_DIRECT) || fstat(fd, &st) || !S_ISREG(st.st_mode) ||
	    lseek(fd, 0, SEEK_CUR) || direct_is_memory(fd))
		return;
	direct->usable = !direct_enter(direct, fd);
	direct_leave(direct, fd);
}

static void direct_time(struct direct *direct, __u64 took, size_t size)
{
	__u64 enough = size / 1024 * DIRECT_NS_PER_KIB;

	direct->behind += took;
	direct->behind -= direct->behind < enough ? direct->behind : enough;
	if (direct->behind < DIRECT_BEHIND)
		return;
	direct->behind = 0;
	direct->rest = DIRECT_REST;
}

/* Errors other than a full disk will not pass. */
static ssize_t direct_try(struct direct *direct, int fd, const void *data, size_t size)
{
	__u64 start = clock_monotonic();
	ssize_t written = write(fd, data, size);

	if (written < 0 && errno != ENOSPC && errno != EDQUOT && errno != EINTR)
		direct->usable = false;
	direct_time(direct, clock_monotonic() - start, size);
	return written;
}

/* What a full disk took is written again, and does not stay there if it has no room for that. */
static void direct_return(struct direct *direct, int fd, off_t position, bool longer)
{
	if (longer && ftruncate(fd, position))
		direct->usable = false;
	lseek(fd, position, SEEK_SET);
}

bool direct_write(struct direct *direct, int fd, const void *data, size_t size, size_t back)
{
	ssize_t written = -1;
	off_t position;

	if (!direct->usable)
		return false;
	if (direct->rest) {
		direct->rest -= direct->rest < size ? direct->rest : size;
		return false;
	}
	position = lseek(fd, 0, SEEK_CUR);
	if (position < 0 || direct_enter(direct, fd)) {
		direct->usable = false;
		return false;
	}
	if (lseek(fd, position - (off_t)back, SEEK_SET) >= 0)
		written = direct_try(direct, fd, data, size);
	if (written != (ssize_t)size)
		direct_return(direct, fd, position, written > (ssize_t)back);
	direct_leave(direct, fd);
	return written == (ssize_t)size;
}

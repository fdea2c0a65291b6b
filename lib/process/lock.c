// SPDX-License-Identifier: LGPL-2.1-only
/*
 * An flock() on an empty file in /run, held only while arming, disarming and cleaning.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "process/lock.h"

#define LOCK_PATH "/run/xdpdrop.lock"
/* Arming takes less time. A longer wait is logged. */
#define ATTEMPTS 100
#define RETRY_US 10000

static int lock_open(void)
{
	int fd = open(LOCK_PATH, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	return fd < 0 ? -errno : fd;
}

static int lock_flock(int fd, int operation)
{
	while (flock(fd, operation))
		if (errno != EINTR)
			return -errno;
	return 0;
}

/*
 * The pid of the process that holds the lock; 0: it is not visible. Lines of waiting processes have
 * another format.
 */
static int lock_holder(int fd)
{
	FILE *locks = fopen("/proc/locks", "re");
	unsigned int major_number, minor_number;
	unsigned long inode;
	char line[256];
	struct stat st;
	int pid, holder = 0;

	while (locks && !fstat(fd, &st) && !holder && fgets(line, sizeof(line), locks))
		if (sscanf(line, "%*d: FLOCK %*s %*s %d %x:%x:%lu", &pid, &major_number,
			   &minor_number, &inode) == 4 &&
		    inode == st.st_ino && makedev(major_number, minor_number) == st.st_dev)
			holder = pid;
	if (locks)
		fclose(locks);
	return holder;
}

static void lock_name_holder(int fd, const struct log *log)
{
	int holder = lock_holder(fd);

	if (holder)
		log_warn(log, "waiting for process %d, which has %s locked", holder, LOCK_PATH);
	else
		log_warn(log, "waiting for another process, which has %s locked", LOCK_PATH);
}

/* A wait that may be interrupted looks at times. */
static int lock_await(int fd, const struct interrupt *interrupt, const struct log *log)
{
	int err = lock_flock(fd, LOCK_EX | LOCK_NB);

	for (int attempt = 0; err == -EWOULDBLOCK; attempt++) {
		if (interrupt_wanted(interrupt))
			return -EINTR;
		if (attempt == ATTEMPTS)
			lock_name_holder(fd, log);
		if (attempt >= ATTEMPTS && !interrupt)
			return lock_flock(fd, LOCK_EX);
		usleep(RETRY_US);
		err = lock_flock(fd, LOCK_EX | LOCK_NB);
	}
	return err;
}

int lock_take_unless(const struct interrupt *interrupt, const struct log *log)
{
	CLEANUP_FD int fd = lock_open();
	int err;

	if (fd < 0) {
		log_warn(log,
			 "cannot open %s: %s; continuing without this lock; do not start "
			 "two sessions at the same time",
			 LOCK_PATH, strerror(-fd));
		return fd;
	}
	err = lock_await(fd, interrupt, log);
	return err ? err : take_fd(&fd);
}

int lock_take(const struct log *log)
{
	return lock_take_unless(NULL, log);
}

int lock_try(void)
{
	CLEANUP_FD int fd = lock_open();
	int err = fd < 0 ? fd : lock_flock(fd, LOCK_EX | LOCK_NB);

	return err < 0 ? err : take_fd(&fd);
}

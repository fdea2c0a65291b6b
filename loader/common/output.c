// SPDX-License-Identifier: GPL-2.0-only
/*
 * Owns the descriptors of the file or of listening sockets. The library writes to them.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/output.h"
#include "common/sudo_user.h"

#define FIFO_RETRY_NS (20 * 1000 * 1000)
#define FIFO_PATIENCE (1000 / 20) /* attempts before the wait is reported */

/*
 * Without O_NONBLOCK the open of a FIFO would keep sleeping after a signal that arrived just before
 * it.
 */
#define OPEN_FLAGS (O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)

/* Create or open @path. Returns the descriptor or -errno. */
static int output_open_any(const char *path, bool *created)
{
	int fd = sudo_user_create(path, OPEN_FLAGS | O_CREAT | O_EXCL, 0600);

	*created = fd >= 0;
	if (fd < 0 && errno == EEXIST)
		fd = open(path, OPEN_FLAGS);
	return fd < 0 ? -errno : fd;
}

static bool output_is_fifo(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISFIFO(st.st_mode);
}

/* ENXIO: a FIFO without a reader (or a socket, which cannot be opened). */
static int output_open_verifier_friendly(const char *path, const struct output_wait *wait,
					 bool *created)
{
	const struct timespec pause = { .tv_nsec = FIFO_RETRY_NS };
	int fd;

	for (unsigned long tries = 1;; tries++) {
		fd = output_open_any(path, created);
		if (fd != -ENXIO || !output_is_fifo(path))
			return fd;
		if (wait->interrupted())
			return -EINTR;
		if (tries == FIFO_PATIENCE && wait->report)
			wait->report(wait->data, path);
		nanosleep(&pause, NULL);
	}
}

static const char *output_explain_open(int err)
{
	switch (err) {
	case -EISDIR:
		return "it is a directory; name a file in it";
	case -ENXIO:
		return "it is a socket; name a file or a FIFO";
	case -ENOENT:
		return "its directory does not exist, or it is a link to nowhere";
	default:
		return strerror(-err);
	}
}

static int output_check_kind(struct output *output, struct output_error *error)
{
	int flags = fcntl(output->fd, F_GETFL);
	struct stat st;

	if (flags < 0 || (flags & O_ACCMODE) == O_RDONLY || fstat(output->fd, &st)) {
		error->why = "standard output is closed, or not open for writing";
		return -EBADF;
	}
	if (isatty(output->fd)) {
		error->misuse = true;
		error->why = "refusing to write binary to a terminal; name a file, or pipe into "
			     "tcpdump -r -";
		return -EINVAL;
	}
	output->regular = S_ISREG(st.st_mode);
	return 0;
}

static int output_open_named(struct output *output, const char *path,
			     const struct output_wait *wait, struct output_error *error)
{
	int flags;

	output->fd = output_open_verifier_friendly(path, wait, &output->created);
	if (output->fd < 0) {
		error->why = output_explain_open(output->fd);
		return output->fd;
	}
	flags = fcntl(output->fd, F_GETFL);
	if (flags < 0 || fcntl(output->fd, F_SETFL, flags & ~O_NONBLOCK)) {
		error->why = strerror(errno);
		return -errno;
	}
	return 0;
}

int output_open(struct output *output, const char *path, const struct output_wait *wait,
		struct output_error *error)
{
	int err = 0;

	*output = (struct output){ .path = path, .fd = STDOUT_FILENO };
	*error = (struct output_error){ 0 };
	if (strcmp(path, "-") != 0)
		err = output_open_named(output, path, wait, error);
	if (!err)
		err = output_check_kind(output, error);
	if (err && output->fd >= 0) {
		output_discard(output);
		output_close(output);
	}
	return err;
}

/* File systems without locks are no reason not to capture. */
int output_lock(struct output *output, struct output_error *error)
{
	const char *why;
	struct stat st;

	if (!output->regular)
		return 0;
	if (flock(output->fd, LOCK_EX | LOCK_NB) && errno == EWOULDBLOCK)
		why = "another capture writes it; name another file";
	else if (output->fd != STDOUT_FILENO && stat(output->path, &st) && errno == ENOENT)
		why = "another capture has just removed it; start again";
	else
		return 0;
	*error = (struct output_error){ .why = why };
	/* the other one may have only begun */
	output->created = false;
	return -EBUSY;
}

int output_listen(struct output *output, const char *word, struct output_error *error)
{
	int err;

	*output = (struct output){ .path = word, .fd = -1 };
	*error = (struct output_error){ 0 };
	err = tcp_listen_open(&output->listen, word, &error->why);
	error->misuse = err == -EINVAL;
	return err;
}

void output_place(const struct output *output, struct xdpdrop_output *library)
{
	library->fd = output->fd;
	/* others may write to standard output, too */
	library->direct = output->regular && output->fd > STDERR_FILENO;
	library->listen_fds = output->listen.fd;
	library->listen_count = output->listen.count;
}

int output_begin(const struct output *output)
{
	off_t end;

	if (output->fd == STDOUT_FILENO || !output->regular)
		return 0;
	end = lseek(output->fd, 0, SEEK_CUR);
	return end < 0 || ftruncate(output->fd, end) ? -errno : 0;
}

/* Writes to a character device do not overwrite each other. */
bool output_is(const struct output *output, int fd)
{
	struct stat ours, other;

	return !fstat(output->fd, &ours) && !fstat(fd, &other) && !S_ISCHR(ours.st_mode) &&
	       ours.st_dev == other.st_dev && ours.st_ino == other.st_ino;
}

bool output_abandoned(const struct output *output)
{
	struct pollfd pollfd = { .fd = output->fd };

	return poll(&pollfd, 1, 0) > 0 && pollfd.revents & (POLLERR | POLLHUP);
}

const char *output_explain(int err)
{
	switch (err) {
	case -ETIMEDOUT:
		return "its reader has stopped reading";
	case -ETIME:
		return "the process that creates files does not answer";
	case -EBUSY:
		return "another capture writes it";
	case -EEXIST:
		return "it exists, and is no regular file";
	case -EOWNERDEAD:
		return "the process that creates files was killed";
	default:
		return strerror(-err);
	}
}

void output_discard(const struct output *output)
{
	struct stat ours, named;

	if (!output->created || fstat(output->fd, &ours) || ours.st_size)
		return;
	if (!stat(output->path, &named) && named.st_dev == ours.st_dev &&
	    named.st_ino == ours.st_ino)
		unlink(output->path);
}

int output_close(struct output *output)
{
	int fd = output->fd;

	output->fd = -1;
	tcp_listen_close(&output->listen);
	return fd != STDOUT_FILENO && fd >= 0 && close(fd) ? -errno : 0;
}

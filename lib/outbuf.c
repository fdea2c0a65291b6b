/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Owns the buffer and everything that can go wrong between it and the descriptor: interrupted,
 * short and refused writes, full disks, readers that have stopped reading. Signals, SIGPIPE
 * among them, are the application's.
 */
#include "outbuf.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"

#define WAIT_MS 100		  /* between looks at *stop */
#define PATIENCE_NS 2000000000ULL /* for a reader that does not read, once *stop is set */

int outbuf_init(struct outbuf *out, int fd, size_t size, outbuf_unit_fn unit)
{
	void *data;

	if (posix_memalign(&data, sysconf(_SC_PAGESIZE), size))
		return -ENOMEM;
	*out = (struct outbuf){ .fd = fd, .data = data, .size = size, .unit = unit };
	return 0;
}

void outbuf_free(struct outbuf *out)
{
	free(out->data);
	out->data = NULL;
	out->used = out->size = 0;
}

static bool outbuf_stopping(const struct outbuf *out)
{
	return out->stop && *out->stop;
}

static bool outbuf_regular(const struct outbuf *out)
{
	struct stat st;

	return !fstat(out->fd, &st) && S_ISREG(st.st_mode);
}

/* Also true when a write would fail at once: then it says why. */
static bool outbuf_writable(const struct outbuf *out)
{
	struct pollfd pollfd = { .fd = out->fd, .events = POLLOUT };

	return poll(&pollfd, 1, WAIT_MS) > 0;
}

/* One write. Returns what was written, 0 for no progress yet, or -errno. */
static ssize_t outbuf_write_some(const struct outbuf *out, const char *data, size_t size)
{
	ssize_t written;

	/* A writable pipe takes this much without blocking, so that stopping always ends. */
	if (outbuf_stopping(out) && !outbuf_regular(out)) {
		if (!outbuf_writable(out))
			return 0;
		size = size < PIPE_BUF ? size : PIPE_BUF;
	}
	written = write(out->fd, data, size);
	if (written > 0)
		return written;
	if (written == 0)
		return -EIO;
	if (errno == EINTR)
		return 0;
	if (errno != EAGAIN)
		return -errno;
	outbuf_writable(out);
	return 0;
}

/* Sets *done to the bytes that reached the descriptor, also on failure. */
static int outbuf_write(const struct outbuf *out, size_t *done)
{
	__u64 stuck = 0; /* since when nothing moved, as far as *stop is set */

	for (*done = 0; *done < out->used;) {
		ssize_t written = outbuf_write_some(out, out->data + *done, out->used - *done);

		if (written < 0)
			return written;
		*done += written;
		if (written || !outbuf_stopping(out))
			stuck = 0;
		else if (!stuck)
			stuck = clock_monotonic();
		else if (clock_monotonic() - stuck >= PATIENCE_NS)
			return -ETIMEDOUT;
	}
	return 0;
}

/* Bytes and records of the whole units in the first @bytes of the buffer. */
static size_t outbuf_whole(const struct outbuf *out, size_t bytes, __u64 *records)
{
	size_t whole = 0;

	*records = 0;
	while (whole < bytes) {
		bool is_record = false;
		size_t unit = out->unit(out->data + whole, &is_record);

		if (unit > bytes - whole)
			break;
		whole += unit;
		*records += is_record;
	}
	return whole;
}

/* Take the last @bytes of a regular file off again, unless someone has written behind them. */
static void outbuf_cut(const struct outbuf *out, size_t bytes)
{
	off_t end = lseek(out->fd, 0, SEEK_CUR);
	struct stat st;

	if (!bytes || end < 0 || fstat(out->fd, &st))
		return;
	if (!S_ISREG(st.st_mode) || st.st_size != end)
		return;
	/* The error that led here is the one to report; a file that cannot shrink stays long. */
	if (!ftruncate(out->fd, end - bytes))
		lseek(out->fd, end - bytes, SEEK_SET);
}

/* Account for a write that ended with @err after @done bytes. */
static int outbuf_fail(struct outbuf *out, int err, size_t done)
{
	__u64 records;
	size_t whole = outbuf_whole(out, done, &records);

	outbuf_cut(out, done - whole);
	out->written += records;
	out->failed += out->pending - records;
	out->pending = 0;
	out->used = 0;
	out->error = err;
	return err;
}

int outbuf_flush(struct outbuf *out)
{
	size_t done;
	int err;

	if (out->error)
		return out->error;
	err = outbuf_write(out, &done);
	if (err)
		return outbuf_fail(out, err, done);
	out->written += out->pending;
	out->pending = 0;
	out->used = 0;
	return 0;
}

void *outbuf_reserve(struct outbuf *out, size_t bytes)
{
	if (out->error)
		return NULL;
	if (bytes > out->size - out->used) {
		if (outbuf_flush(out))
			return NULL;
		if (bytes > out->size) {
			out->error = -EMSGSIZE;
			return NULL;
		}
	}
	return out->data + out->used;
}

void *outbuf_reserve_record(struct outbuf *out, size_t bytes)
{
	void *room = outbuf_reserve(out, bytes);

	if (!room)
		out->failed++;
	return room;
}

int outbuf_finish(struct outbuf *out)
{
	int err = outbuf_flush(out);

	if (err || !outbuf_regular(out))
		return err;
	while (fsync(out->fd)) {
		if (errno == EINTR)
			continue;
		/* A file system that cannot, as opposed to a disk that failed. */
		if (errno != EINVAL && errno != EROFS)
			out->error = -errno;
		break;
	}
	return out->error;
}

/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Owns the buffer and handles all errors of its descriptor: interrupted, short and failed writes,
 * full disks, and readers that do not read. Signals, including SIGPIPE, are left to the
 * application.
 */
#include "output/buffer.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"

#define WAIT_MS 100		  /* interval between checks of stop */
#define PATIENCE_NS 2000000000ULL /* wait for a reader that does not read, after stop was set */
/* About the length of the shortest block in a file. */
#define BLOCK_BYTES 32

int buffer_init(struct buffer *out, int fd, size_t size)
{
	struct buffer_block *block = malloc(size / BLOCK_BYTES * sizeof(*block));
	void *data;

	if (!block || posix_memalign(&data, sysconf(_SC_PAGESIZE), size)) {
		free(block);
		return -ENOMEM;
	}
	out->fd = fd;
	out->data = data;
	out->size = out->most = size;
	out->block = block;
	out->most_blocks = size / BLOCK_BYTES;
	return 0;
}

/* Each field is set separately, because another thread may call buffer_stop(). */
void buffer_free(struct buffer *out)
{
	free(out->data);
	free(out->block);
	out->data = NULL;
	out->block = NULL;
	out->direct = (struct direct){ 0 };
	out->used = out->size = out->most = out->head = out->cut = 0;
	out->blocks = out->most_blocks = 0;
	out->error = 0;
	out->flushed = out->pending = out->written = out->failed = 0;
}

static bool buffer_stopping(const struct buffer *out)
{
	return __atomic_load_n(&out->stop, __ATOMIC_RELAXED);
}

static bool buffer_regular(const struct buffer *out)
{
	struct stat st;

	return !fstat(out->fd, &st) && S_ISREG(st.st_mode);
}

/* True also if a write would fail at once; its error is then reported. */
static bool buffer_writable(const struct buffer *out)
{
	struct pollfd pollfd = { .fd = out->fd, .events = POLLOUT };

	return poll(&pollfd, 1, WAIT_MS) > 0;
}

/* One write. Returns the number of bytes, 0 for no progress yet, or -errno. */
static ssize_t buffer_write_some(const struct buffer *out, const char *data, size_t size)
{
	ssize_t written;

	/* A writable pipe takes PIPE_BUF bytes without blocking, so a stop always succeeds. */
	if (buffer_stopping(out) && !buffer_regular(out)) {
		if (!buffer_writable(out))
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
	buffer_writable(out);
	return 0;
}

/* Set *done to the number of written bytes, also on failure. */
static int buffer_write(const struct buffer *out, size_t *done)
{
	const char *data = out->data + out->head;
	size_t size = out->used - out->head;
	__u64 stuck = 0; /* start of the time without progress after stop was set */

	for (*done = 0; *done < size;) {
		ssize_t written = buffer_write_some(out, data + *done, size - *done);

		if (written < 0 && !(out->remedy && !out->remedy(out->remedy_data, written)))
			return written;
		written = written < 0 ? 0 : written;
		*done += written;
		if (written || !buffer_stopping(out))
			stuck = 0;
		else if (!stuck)
			stuck = clock_monotonic();
		else if (clock_monotonic() - stuck >= PATIENCE_NS)
			return -ETIMEDOUT;
	}
	return 0;
}

/* The complete blocks in the first @bytes of the buffer. */
struct buffer_whole {
	unsigned int blocks;
	size_t bytes;
	__u64 records;
};

static struct buffer_whole buffer_whole(const struct buffer *out, size_t bytes)
{
	struct buffer_whole whole = { 0 };

	for (; whole.blocks < out->blocks && out->block[whole.blocks].end <= bytes;
	     whole.blocks++) {
		whole.bytes = out->block[whole.blocks].end;
		whole.records += out->block[whole.blocks].is_record;
	}
	return whole;
}

/* Truncate a regular file by @bytes, unless another process has appended to it. */
static void buffer_truncate(const struct buffer *out, size_t bytes)
{
	off_t end = lseek(out->fd, 0, SEEK_CUR);
	struct stat st;

	if (!bytes || end < 0 || fstat(out->fd, &st))
		return;
	if (!S_ISREG(st.st_mode) || st.st_size != end)
		return;
	/* The first error is reported, not this one. */
	if (!ftruncate(out->fd, end - bytes))
		lseek(out->fd, end - bytes, SEEK_SET);
}

/* Update the counters after a write that failed with @err after @done bytes. */
static int buffer_fail(struct buffer *out, int err, size_t done)
{
	struct buffer_whole whole = buffer_whole(out, out->head + done);

	buffer_truncate(out, whole.blocks ? out->head + done - whole.bytes : out->cut + done);
	out->written += whole.records;
	out->failed += out->pending - whole.records;
	buffer_empty(out);
	out->error = err;
	return err;
}

/* Errors after which the caller cannot go on are sticky, as those of a descriptor. */
static int buffer_hand_over(struct buffer *out)
{
	out->error = out->take(out->taker, out);
	buffer_empty(out);
	return out->error;
}

/* The bytes of the file's last page stay at the front, for a write past the page cache. */
static int buffer_flush_rest(struct buffer *out)
{
	size_t done = 0, rest;
	int err = direct_leave(&out->direct, out->fd);

	err = err ? err : buffer_write(out, &done);
	if (err)
		return buffer_fail(out, err, done);
	out->written += out->pending;
	out->flushed += done;
	rest = out->direct.usable ? out->used % DIRECT_ALIGN : 0;
	if (rest)
		memmove(out->data, out->data + out->used - rest, rest);
	buffer_empty(out);
	out->used = out->head = rest;
	return 0;
}

/* What follows the first @bytes, which are in the file, goes to the front. */
static void buffer_shift(struct buffer *out, size_t bytes)
{
	struct buffer_whole whole = buffer_whole(out, bytes);

	out->flushed += bytes - out->head;
	out->written += whole.records;
	out->pending -= whole.records;
	out->cut = whole.blocks ? bytes - whole.bytes : out->cut + bytes - out->head;
	out->blocks -= whole.blocks;
	for (unsigned int i = 0; i < out->blocks; i++) {
		out->block[i] = out->block[whole.blocks + i];
		out->block[i].end -= bytes;
	}
	out->used -= bytes;
	out->head = 0;
	memmove(out->data, out->data + bytes, out->used);
}

/*
 * Fewer and longer writes, from huge pages: a disk's driver gets each page by itself otherwise. Not
 * before there is much to write, nor before the session forks, which would share and split them.
 * Without memory for that it stays as it is.
 */
static void buffer_grow(struct buffer *out)
{
	struct buffer_block *block = malloc(DIRECT_MOST / BLOCK_BYTES * sizeof(*block));
	void *data;

	if (!block || posix_memalign(&data, DIRECT_HUGE, DIRECT_MOST)) {
		free(block);
		return;
	}
	madvise(data, DIRECT_MOST, MADV_HUGEPAGE);
	memcpy(data, out->data, out->used);
	memcpy(block, out->block, out->blocks * sizeof(*block));
	free(out->data);
	free(out->block);
	out->data = data;
	out->size = out->most = DIRECT_MOST;
	out->block = block;
	out->most_blocks = DIRECT_MOST / BLOCK_BYTES;
}

static bool buffer_flush_direct(struct buffer *out)
{
	size_t bytes = out->used - out->used % DIRECT_ALIGN;

	if (bytes < DIRECT_LEAST ||
	    !direct_write(&out->direct, out->fd, out->data, bytes, out->head))
		return false;
	buffer_shift(out, bytes);
	if (out->size < DIRECT_MOST && out->most == out->size)
		buffer_grow(out);
	return true;
}

int buffer_flush(struct buffer *out)
{
	if (out->error)
		return out->error;
	if (out->take)
		return buffer_hand_over(out);
	buffer_flush_direct(out);
	return buffer_flush_rest(out);
}

int buffer_advance(struct buffer *out)
{
	return !out->error && !out->take && buffer_flush_direct(out) ? 0 : buffer_flush(out);
}

void *buffer_make_room(struct buffer *out, size_t bytes)
{
	if (buffer_advance(out))
		return NULL;
	if (out->used + bytes > out->size) {
		out->error = -EMSGSIZE;
		return NULL;
	}
	return out->data + out->used;
}

int buffer_finish(struct buffer *out)
{
	int err = buffer_flush(out);

	if (err || !buffer_regular(out))
		return err;
	while (fsync(out->fd)) {
		if (errno == EINTR)
			continue;
		/* EINVAL and EROFS: the file system does not support fsync(). */
		if (errno != EINVAL && errno != EROFS)
			out->error = -errno;
		break;
	}
	return out->error;
}

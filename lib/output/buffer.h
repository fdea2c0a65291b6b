/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * One large buffer in front of one file descriptor, which it does not own. It is filled a block at
 * a time, and counts the records that reached the descriptor whole, also when a write fails half
 * way. It reads nothing of the blocks.
 */
#ifndef XDPDROP_OUTPUT_BUFFER_H
#define XDPDROP_OUTPUT_BUFFER_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

/* The end of a block, from the buffer's start. */
struct buffer_block {
	__u32 end : 31, is_record : 1;
};

struct buffer {
	int fd;
	int error; /* first failure, -errno; sticky */
	char *data;
	size_t used, size;
	struct buffer_block *block; /* those in the buffer */
	unsigned int blocks, most_blocks;
	int stop;      /* atomic; a write that makes no progress gives up */
	__u64 pending; /* records in the buffer */
	__u64 written; /* records that reached fd whole */
	__u64 failed;  /* records that did not */
};

/*
 * @out is all zero, or was freed. @size: bytes, at least the longest block, and less than 2 GiB.
 * Errors: -ENOMEM.
 */
int buffer_init(struct buffer *out, int fd, size_t size);

/* Frees the buffer; does not flush. */
void buffer_free(struct buffer *out);

/*
 * From now on a write that makes no progress gives up with -ETIMEDOUT. Lasts for good, also beyond
 * buffer_free(). From any thread or signal handler.
 */
static inline void buffer_stop(struct buffer *out)
{
	__atomic_store_n(&out->stop, 1, __ATOMIC_RELAXED);
}

/* Room for @bytes at the end, flushing if needed; NULL after an error (see out->error). */
void *buffer_reserve(struct buffer *out, size_t bytes);

/* buffer_reserve() for a record: where there is no room it counts as failed, and only here. */
void *buffer_reserve_record(struct buffer *out, size_t bytes);

/* The first @bytes of what buffer_reserve() returned are a block now. */
static inline void buffer_commit(struct buffer *out, size_t bytes, bool is_record)
{
	out->used += bytes;
	out->pending += is_record;
	out->block[out->blocks++] =
		(struct buffer_block){ .end = out->used, .is_record = is_record };
}

/* Write everything. On failure a regular file is cut back to the last whole block. 0 or -errno. */
int buffer_flush(struct buffer *out);

/* Flush, and on a regular file fsync(). 0 or the first error. */
int buffer_finish(struct buffer *out);

#endif

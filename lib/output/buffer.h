/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * A large buffer in front of a file descriptor, which it does not own. It is filled block by block,
 * and counts the records that were written completely, even if a write fails half way. The content
 * of blocks is not interpreted.
 */
#ifndef XDPDROP_OUTPUT_BUFFER_H
#define XDPDROP_OUTPUT_BUFFER_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

/* The offset of a block's end in the buffer. */
struct buffer_block {
	__u32 end : 31, is_record : 1;
};

struct buffer {
	int fd;
	int error; /* first failure, -errno; sticky */
	char *data;
	size_t used, size;
	struct buffer_block *block; /* blocks in the buffer */
	unsigned int blocks, most_blocks;
	int stop;      /* atomic; give up a write that makes no progress */
	__u64 pending; /* records in the buffer */
	__u64 written; /* records written completely */
	__u64 failed;  /* records not written */
};

/*
 * @out is zeroed, or was freed. @size: in bytes, at least that of the longest block, and less than
 * 2 GiB. Errors: -ENOMEM.
 */
int buffer_init(struct buffer *out, int fd, size_t size);

/* Frees the buffer; does not flush. */
void buffer_free(struct buffer *out);

/*
 * From now on a write that makes no progress gives up with -ETIMEDOUT. Stays in effect after
 * buffer_free(). May be called from any thread or signal handler.
 */
static inline void buffer_stop(struct buffer *out)
{
	__atomic_store_n(&out->stop, 1, __ATOMIC_RELAXED);
}

/* Reserve @bytes at the end, and flush if needed. NULL: an error, which is in out->error. */
void *buffer_reserve(struct buffer *out, size_t bytes);

/* buffer_reserve() for a record. If it fails, the record counts as failed. */
void *buffer_reserve_record(struct buffer *out, size_t bytes);

/* Add the first @bytes of the reserved space as a block. */
static inline void buffer_commit(struct buffer *out, size_t bytes, bool is_record)
{
	out->used += bytes;
	out->pending += is_record;
	out->block[out->blocks++] =
		(struct buffer_block){ .end = out->used, .is_record = is_record };
}

/* Write everything. On failure a regular file is truncated to the last whole block. 0 or -errno. */
int buffer_flush(struct buffer *out);

/* Flush, and call fsync() for a regular file. 0 or the first error. */
int buffer_finish(struct buffer *out);

#endif

/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * A large buffer in front of a file descriptor, which it does not own. It is filled block by block,
 * and counts the records that were written completely, even if a write fails half way. The content
 * of blocks is not interpreted. Instead of a descriptor, a function may take the blocks.
 */
#ifndef XDPDROP_OUTPUT_BUFFER_H
#define XDPDROP_OUTPUT_BUFFER_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#include "output/direct.h"

/* The offset of a block's end in the buffer. */
struct buffer_block {
	__u32 end : 31, is_record : 1;
	__u16 tag; /* the caller's, see below */
};

struct buffer {
	int fd;
	int error; /* first failure, -errno; sticky */
	char *data;
	size_t used, size;
	size_t most; /* it is flushed before it has more bytes, unless a block alone is longer */
	struct buffer_block *block; /* blocks in the buffer */
	unsigned int blocks, most_blocks;
	int stop;      /* atomic; give up a write that makes no progress */
	__u64 flushed; /* bytes written to the present descriptor */
	__u64 pending; /* records in the buffer */
	__u64 written; /* records written completely */
	__u64 failed;  /* records not written */
	__u16 tag;     /* of the blocks that are committed next */
	/* Of a file; its position at the front of data is then a multiple of DIRECT_ALIGN: */
	struct direct direct;
	size_t head; /* bytes at the front that the file has already */
	size_t cut;  /* bytes in the file of the block that goes on at the front */
	/*
	 * Takes all blocks instead of the descriptor, and counts the records itself. 0 or -errno;
	 * NULL: they are written.
	 */
	int (*take)(void *taker, const struct buffer *out);
	void *taker;
	/* Called for a write's error. 0: the write is repeated. NULL: all errors are final. */
	int (*remedy)(void *data, int err);
	void *remedy_data;
};

/*
 * @out is zeroed, or was freed. @size: in bytes, at least that of the longest block, and less than
 * 2 GiB. Errors: -ENOMEM.
 */
int buffer_init(struct buffer *out, int fd, size_t size);

/*
 * Flush before there are more than @bytes. They then stay in the cache of a CPU that does other
 * work for each block.
 */
static inline void buffer_keep_short(struct buffer *out, size_t bytes)
{
	out->most = bytes < out->size ? bytes : out->size;
}

/* Blocks are composed in the @size bytes at @data from now on. The buffer is empty. */
static inline void buffer_move(struct buffer *out, void *data, size_t size)
{
	out->data = data;
	out->size = out->most = size;
}

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

/* For buffer_reserve(): flush. */
void *buffer_make_room(struct buffer *out, size_t bytes);

/* Reserve @bytes at the end, and flush if needed. NULL: an error, which is in out->error. */
static inline void *buffer_reserve(struct buffer *out, size_t bytes)
{
	bool fits = out->used + bytes <= out->most && out->blocks < out->most_blocks;

	return fits && !out->error ? out->data + out->used : buffer_make_room(out, bytes);
}

/* buffer_reserve() for a record. If it fails, the record counts as failed. */
static inline void *buffer_reserve_record(struct buffer *out, size_t bytes)
{
	void *room = buffer_reserve(out, bytes);

	out->failed += !room;
	return room;
}

/* Add the first @bytes of the reserved space as a block. */
static inline void buffer_commit(struct buffer *out, size_t bytes, bool is_record)
{
	out->used += bytes;
	out->pending += is_record;
	out->block[out->blocks++] =
		(struct buffer_block){ .end = out->used, .is_record = is_record, .tag = out->tag };
}

/* Leave out what is in the buffer. */
static inline void buffer_empty(struct buffer *out)
{
	out->pending = 0;
	out->used = out->head = out->cut = 0;
	out->blocks = 0;
}

/*
 * Most of the file is written past the page cache. Only this process writes to it, and the buffer
 * is empty. Ends with buffer_continue() and buffer_free().
 */
static inline void buffer_go_direct(struct buffer *out)
{
	direct_begin(&out->direct, out->fd);
}

/*
 * Write everything, or what fills a long write past the page cache. The rest is less than
 * DIRECT_ALIGN bytes. As buffer_flush().
 */
int buffer_advance(struct buffer *out);

/* Write everything. On failure a regular file is truncated to the last whole block. 0 or -errno. */
int buffer_flush(struct buffer *out);

/* Bytes that the file has, or gets by the next flush. */
static inline __u64 buffer_bytes(const struct buffer *out)
{
	return out->flushed + out->used - out->head;
}

/* Cut here, after a flush: what follows goes to descriptor @fd. */
static inline void buffer_continue(struct buffer *out, int fd)
{
	out->direct = (struct direct){ 0 };
	out->used -= out->head;
	out->head = 0;
	out->fd = fd;
	out->flushed = 0;
}

/* Flush, and call fsync() for a regular file. 0 or the first error. */
int buffer_finish(struct buffer *out);

#endif

/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * One large buffer in front of one file descriptor, which it does not own. Knows how many whole
 * units (records) reached the descriptor, also when a write fails half way.
 */
#ifndef XDPDROP_OUTPUT_BUFFER_H
#define XDPDROP_OUTPUT_BUFFER_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * Length of the unit (file header, block, record) at @data, and whether it is a record;
 * how a failed write finds the last whole record without bookkeeping per record.
 */
typedef size_t (*buffer_unit_fn)(const void *data, bool *is_record);

struct buffer {
	int fd;
	int error; /* first failure, -errno; sticky */
	char *data;
	size_t used, size;
	buffer_unit_fn unit;
	const volatile int *stop; /* when *stop is set, a write that makes no progress gives up */
	__u64 pending;		  /* records in the buffer */
	__u64 written;		  /* records that reached fd whole */
	__u64 failed;		  /* records that did not */
};

/* @size: bytes, at least the longest unit. Errors: -ENOMEM. */
int buffer_init(struct buffer *out, int fd, size_t size, buffer_unit_fn unit);

/* Frees the buffer; does not flush. */
void buffer_free(struct buffer *out);

/* Room for @bytes at the end, flushing if needed; NULL after an error (see out->error). */
void *buffer_reserve(struct buffer *out, size_t bytes);

/* buffer_reserve() for a record: where there is no room it counts as failed, and only here. */
void *buffer_reserve_record(struct buffer *out, size_t bytes);

/* What buffer_reserve() returned has been filled; @records of it are records (0 or 1). */
static inline void buffer_commit(struct buffer *out, size_t bytes, unsigned int records)
{
	out->used += bytes;
	out->pending += records;
}

/* Write everything. On failure a regular file is cut back to the last whole unit. 0 or -errno. */
int buffer_flush(struct buffer *out);

/* Flush, and on a regular file fsync(). 0 or the first error. */
int buffer_finish(struct buffer *out);

#endif

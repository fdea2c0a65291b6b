/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * One large buffer in front of one file descriptor, which it does not own. Knows how many whole
 * units (records) reached the descriptor, also when a write fails half way.
 */
#ifndef XDPDROP_OUTBUF_H
#define XDPDROP_OUTBUF_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * Length of the unit (file header, block, record) at @data, and whether it is a record;
 * how a failed write finds the last whole record without bookkeeping per record.
 */
typedef size_t (*outbuf_unit_fn)(const void *data, bool *is_record);

struct outbuf {
	int fd;
	int error; /* first failure, -errno; sticky */
	char *data;
	size_t used, size;
	outbuf_unit_fn unit;
	const volatile int *stop; /* when *stop is set, a write that makes no progress gives up */
	__u64 pending;		  /* records in the buffer */
	__u64 written;		  /* records that reached fd whole */
	__u64 failed;		  /* records that did not */
};

/* @size: bytes, at least the longest unit. Errors: -ENOMEM. */
int outbuf_init(struct outbuf *out, int fd, size_t size, outbuf_unit_fn unit);

/* Frees the buffer; does not flush. */
void outbuf_free(struct outbuf *out);

/* Room for @bytes at the end, flushing if needed; NULL after an error (see out->error). */
void *outbuf_reserve(struct outbuf *out, size_t bytes);

/* outbuf_reserve() for a record: where there is no room it counts as failed, and only here. */
void *outbuf_reserve_record(struct outbuf *out, size_t bytes);

/* What outbuf_reserve() returned has been filled; @records of it are records (0 or 1). */
static inline void outbuf_commit(struct outbuf *out, size_t bytes, unsigned int records)
{
	out->used += bytes;
	out->pending += records;
}

/* Write everything. On failure a regular file is cut back to the last whole unit. 0 or -errno. */
int outbuf_flush(struct outbuf *out);

/* Flush, and on a regular file fsync(). 0 or the first error. */
int outbuf_finish(struct outbuf *out);

#endif

/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * The bytes that clients of different speed have yet to get: the head, which all of them get, and
 * the last records. A record that needs room replaces the oldest ones. Counts each record once: as
 * written when the first client has got it, or as unsent. The content of blocks is not interpreted.
 */
#ifndef XDPDROP_OUTPUT_BACKLOG_H
#define XDPDROP_OUTPUT_BACKLOG_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

/* A record, as one block. */
struct backlog_block {
	__u32 offset, size; /* in the backlog's data */
	__u32 head;	    /* bytes of the head that come before it */
	__u16 tag;	    /* of struct buffer_block */
	bool sent;	    /* completely, to some client */
};

struct backlog {
	char *data;
	size_t size, end;	     /* end: where the youngest block ends */
	struct backlog_block *block; /* block number n is at n modulo most_blocks */
	size_t most_blocks;
	__u64 first, next; /* numbers: of the oldest block, and of the next one to come */
	char *head;	   /* all blocks that are no records */
	size_t head_size;
	__u64 written; /* records that some client has got completely */
	__u64 unsent;  /* records that no client has got, and that none can get any more */
};

/* @backlog is zeroed. @size: bytes of records, at least that of the longest. Errors: -ENOMEM. */
int backlog_init(struct backlog *backlog, size_t size);
void backlog_free(struct backlog *backlog);

static inline struct backlog_block *backlog_block(const struct backlog *backlog, __u64 number)
{
	return &backlog->block[number % backlog->most_blocks];
}

static inline bool backlog_is_empty(const struct backlog *backlog)
{
	return backlog->first == backlog->next;
}

/* Is there room for a record of @size bytes without replacing another one? */
bool backlog_has_room(const struct backlog *backlog, size_t size);

/* Add a record, for which there is room. */
void backlog_put(struct backlog *backlog, const char *data, size_t size, __u16 tag);

/*
 * Remove the oldest record. If no client has got it, it counts as unsent, unless @pending: then the
 * caller counts it later.
 */
void backlog_drop(struct backlog *backlog, bool pending);

/* Add a block to the head. 0 or -ENOMEM. */
int backlog_put_head(struct backlog *backlog, const char *data, size_t size);

/* A client has got a record completely. */
void backlog_count_sent(struct backlog *backlog, struct backlog_block *block);

#endif

/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * The comment of a record: reason and rule in words. Each is composed once and kept, as most
 * records have a comment that one before them had.
 */
#ifndef XDPDROP_OUTPUT_COMMENT_H
#define XDPDROP_OUTPUT_COMMENT_H

#include "record/points.h"

#define COMMENTS 256 /* a power of two */
#define COMMENT_SIZE 192

struct comment {
	__u64 rule;
	const struct reasons *reasons; /* names in it */
	__u32 reason;
	__u32 point; /* one more than its number, 0: this entry is empty */
	char text[COMMENT_SIZE];
};

struct comments {
	unsigned int renamed; /* of the capture points, when these were composed */
	struct comment comment[COMMENTS];
};

/*
 * With @reasons of its program's when the record was made:
 * "BLOCKLIST", "BLOCKLIST rule 4711", "reason 7 rule bogons", "rule 4711"; NULL: the record has
 * neither. Lives until the next call.
 */
const char *comments_of(struct comments *comments, const struct points *points,
			const struct reasons *reasons, const struct xdpdrop_record *record);

#endif

/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * The comment of a record, with its reason and rule. Comments are cached, because most records have
 * the comment of an earlier one.
 */
#ifndef XDPDROP_OUTPUT_COMMENT_H
#define XDPDROP_OUTPUT_COMMENT_H

#include "output/text.h"
#include "record/points.h"

#define COMMENTS 256 /* a power of two */
#define COMMENT_SIZE 192

struct comment {
	__u64 rule;
	const struct reasons *reasons; /* source of the reason's name */
	__u32 reason;
	__u32 point;	  /* its number plus one; 0: the entry is empty */
	struct text text; /* in room */
	char room[COMMENT_SIZE];
};

struct comments {
	unsigned int renamed; /* points->renamed when the cache was valid */
	unsigned int last;    /* of the record before: most have the same */
	struct comment comment[COMMENTS];
};

/*
 * The comment of @record, with names in @reasons, ready to be written and terminated: "BLOCKLIST",
 * "BLOCKLIST rule 4711", "reason 7 rule bogons", "rule 4711". Its data is NULL if the record has
 * neither reason nor rule. Valid until the next call.
 */
struct text comments_of(struct comments *comments, const struct points *points,
			const struct reasons *reasons, const struct xdpdrop_record *record);

#endif

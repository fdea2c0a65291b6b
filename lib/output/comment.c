// SPDX-License-Identifier: LGPL-2.1-only
/*
 * A direct-mapped cache: reasons with the same hash replace each other.
 */
#include <stdio.h>
#include <string.h>

#include "output/comment.h"

static size_t comments_place(const struct xdpdrop_record *record)
{
	__u64 key =
		record->rule * 0x9e3779b97f4a7c15ULL + record->reason * 0xc2b2ae3dU + record->point;

	return key * 0x9e3779b97f4a7c15ULL >> 56;
}

/* Write the part for one number. Returns its length. */
static size_t comments_put(char *text, size_t size, const char *what, const char *name,
			   __u64 number)
{
	int length = name ? snprintf(text, size, "%s%s", what, name) :
			    snprintf(text, size, "%s%llu", what, number);

	return (size_t)length < size ? (size_t)length : size - 1;
}

static void comments_compose(struct comment *comment, const struct points *points)
{
	const char *reason = reasons_name(comment->reasons, comment->reason);
	char text[COMMENT_SIZE];
	size_t used = 0;

	if (comment->reason)
		used = comments_put(text, sizeof(text), reason ? "" : "reason ", reason,
				    comment->reason);
	if (comment->rule)
		comments_put(text + used, sizeof(text) - used, used ? " rule " : "rule ",
			     reasons_name(&points->rules, comment->rule), comment->rule);
	memset(comment->room, 0, sizeof(comment->room));
	comment->text = text_make_ready(comment->room, text);
}

static bool comments_is_of(const struct comment *comment, const struct reasons *reasons,
			   const struct xdpdrop_record *record)
{
	return comment->point == record->point + 1U && comment->reason == record->reason &&
	       comment->rule == record->rule && comment->reasons == reasons;
}

/* For other records than the one before. Not inline, so that most records save no registers. */
__attribute__((noinline)) static struct text comments_find(struct comments *comments,
							   const struct points *points,
							   const struct reasons *reasons,
							   const struct xdpdrop_record *record)
{
	struct comment *comment;

	if (comments->renamed != points->renamed) {
		memset(comments, 0, sizeof(*comments));
		comments->renamed = points->renamed;
	}
	comments->last = comments_place(record);
	comment = &comments->comment[comments->last];
	if (!comments_is_of(comment, reasons, record)) {
		comment->reasons = reasons;
		comment->point = record->point + 1U;
		comment->reason = record->reason;
		comment->rule = record->rule;
		comments_compose(comment, points);
	}
	return comment->text;
}

struct text comments_of(struct comments *comments, const struct points *points,
			const struct reasons *reasons, const struct xdpdrop_record *record)
{
	const struct comment *last = &comments->comment[comments->last];

	if (!record->reason && !record->rule)
		return (struct text){ 0 };
	if (comments->renamed == points->renamed && comments_is_of(last, reasons, record))
		return last->text;
	return comments_find(comments, points, reasons, record);
}

_Static_assert(COMMENTS == 1 << 8, "comments_place() gives 8 bits");

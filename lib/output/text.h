/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * A text for a file, of limited length. It is ready if it is clean, with zeros behind it up to a
 * multiple of 4 bytes. A text of many records is made ready once, and copied for each record.
 */
#ifndef XDPDROP_OUTPUT_TEXT_H
#define XDPDROP_OUTPUT_TEXT_H

#include "base/utf8.h"

#define TEXT_MOST 4096 /* bytes, so that a block always fits into the buffer */
#define PADDED(bytes) (((bytes) + 3) & ~(size_t)3)

struct text {
	const char *data;
	size_t length; /* 0: there is no text */
};

/* The beginning of @data that is not too long. @data may be NULL. */
static inline struct text text_of(const char *data)
{
	return (struct text){ data, data ? utf8_length(data, TEXT_MOST) : 0 };
}

/* Write @text clean, with the zeros. Returns their end. */
char *text_put(char *to, struct text text);

/* Make @data a text that is ready, in @room for PADDED() bytes of its length. */
struct text text_make_ready(char *room, const char *data);

#endif

// SPDX-License-Identifier: LGPL-2.1-only
/*
 * The zeros are written first: the last bytes of the text then overwrite some of them.
 */
#include <string.h>

#include "output/text.h"

char *text_put(char *to, struct text text)
{
	size_t padded = PADDED(text.length);

	if (!text.length)
		return to;
	memset(to + padded - 4, 0, 4);
	utf8_clean(to, text.data, text.length);
	return to + padded;
}

struct text text_make_ready(char *room, const char *data)
{
	struct text text = text_of(data);

	text_put(room, text);
	return (struct text){ room, text.length };
}

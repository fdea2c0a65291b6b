// SPDX-License-Identifier: GPL-2.0-only
/*
 * Names of interfaces and files may have any bytes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/text.h"

size_t text_character(const char *text)
{
	const unsigned char *at = (const unsigned char *)text;
	size_t length = *at < 0x80 ? 1 : *at < 0xe0 ? 2 : *at < 0xf0 ? 3 : 4;
	unsigned char low = 0x80, high = 0xbf;

	if (length == 1)
		return 1;
	if (*at < 0xc2 || *at > 0xf4)
		return 0;
	/* overlong forms, surrogates, beyond U+10FFFF */
	if (*at == 0xe0)
		low = 0xa0;
	else if (*at == 0xf0)
		low = 0x90;
	else if (*at == 0xed)
		high = 0x9f;
	else if (*at == 0xf4)
		high = 0x8f;
	if (at[1] < low || at[1] > high)
		return 0;
	for (size_t i = 2; i < length; i++)
		if ((at[i] & 0xc0) != 0x80)
			return 0;
	return length;
}

/* U+0080 to U+009F are the C1 controls. */
bool text_is_control(const char *text, size_t length)
{
	if (length == 1)
		return (unsigned char)*text < 0x20 || *text == 0x7f;
	return length == 2 && text[0] == '\xc2' && (unsigned char)text[1] < 0xa0;
}

char *text_clean(char *text)
{
	for (char *at = text; *at;) {
		size_t length = text_character(at);

		if (length && !text_is_control(at, length))
			at += length;
		else
			*at++ = '?'; /* the remaining bytes of a longer one are invalid */
	}
	return text;
}

void text_put_line(void *data, const char *line)
{
	char *copy = strdup(line);

	(void)data;
	puts(copy ? text_clean(copy) : "out of memory");
	free(copy);
}

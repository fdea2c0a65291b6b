// SPDX-License-Identifier: GPL-2.0-only
/*
 * Makes strings harmless to show. Names of interfaces and files may hold any byte.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

/* 0x80 to 0x9f are C1 controls, alone or after 0xc2 in UTF-8, and else part of a character. */
static bool is_control(unsigned char byte, unsigned char previous)
{
	if (byte < 0x20 || byte == 0x7f)
		return true;
	return byte >= 0x80 && byte < 0xa0 && (previous < 0x80 || previous == 0xc2);
}

char *text_clean(char *text)
{
	unsigned char previous = 0;
	char *at;

	for (at = text; *at; at++) {
		unsigned char byte = *at;

		if (is_control(byte, previous)) {
			*at = '?';
			/* Half a character would be left. */
			if (previous == 0xc2)
				at[-1] = '?';
		}
		previous = byte;
	}
	return text;
}

void text_put_line(const char *line)
{
	char *copy = strdup(line);

	puts(copy ? text_clean(copy) : "out of memory");
	free(copy);
}

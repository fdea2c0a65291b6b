// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Cuts between words where it can, and never within a character.
 */
#include "filter/ellipsis.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

#define BLANKS " \t\n"

/* Half of the excerpt is what precedes the place, or more if little follows. */
static size_t ellipsis_first_byte(const char *text, size_t length, size_t at)
{
	size_t first = at > ELLIPSIS_MOST / 2 ? at - ELLIPSIS_MOST / 2 : 0;
	size_t word;

	if (length <= ELLIPSIS_MOST || !first)
		return 0;
	if (first > length - ELLIPSIS_MOST)
		first = length - ELLIPSIS_MOST;
	word = first + strcspn(text + first, BLANKS);
	word += strspn(text + word, BLANKS);
	if (word <= at && text[word])
		return word;
	while (first < at && (text[first] & 0xc0) == 0x80)
		first++;
	return first;
}

/* Of @text, which begins with what the excerpt begins with, and has the place at @at. */
static size_t ellipsis_count_bytes(const char *text, size_t at)
{
	size_t most = utf8_length(text, ELLIPSIS_MOST);
	size_t count = most;

	if (!text[most])
		return most;
	while (count > at && !strchr(BLANKS, text[count]))
		count--;
	return count > at ? count : most;
}

const char *ellipsis_take(char ellipsis[ELLIPSIS_SIZE], const char *text, const char *place)
{
	size_t at = place ? place - text : 0;
	size_t first = ellipsis_first_byte(text, strlen(text), at);
	size_t count = ellipsis_count_bytes(text + first, at - first);
	const char *before = first ? "..." : "";

	snprintf(ellipsis, ELLIPSIS_SIZE, "%s%.*s%s", before, (int)count, text + first,
		 text[first + count] ? "..." : "");
	return ellipsis + strlen(before) + (at - first);
}

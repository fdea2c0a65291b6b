/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Classifies bytes. Allocates nothing.
 */
#include "base/utf8.h"

#include <linux/types.h>
#include <stdbool.h>
#include <string.h>

#define REPEAT(byte) (~0ULL / 0xff * (byte))
#define HIGH_BITS REPEAT(0x80)

static bool utf8_is_printable(unsigned char byte)
{
	return byte >= 0x20 && byte < 0x7f;
}

static bool utf8_is_continuation(unsigned char byte)
{
	return (byte & 0xc0) == 0x80;
}

/* Are all 8 bytes printable ASCII? */
static bool utf8_is_printable_word(__u64 word)
{
	__u64 above = word + REPEAT(1);			 /* high bit: 0x7f and up */
	__u64 below = (word | HIGH_BITS) - REPEAT(0x20); /* high bit gone: below 0x20 */

	return !((word | above | ~below) & HIGH_BITS);
}

/*
 * Range of the second byte after @lead. It excludes overlong forms, surrogates, C1 controls, and
 * characters above U+10FFFF.
 */
static bool utf8_is_second(unsigned char lead, unsigned char byte)
{
	switch (lead) {
	case 0xc2:
	case 0xe0:
		return byte >= 0xa0;
	case 0xed:
		return byte < 0xa0;
	case 0xf0:
		return byte >= 0x90;
	case 0xf4:
		return byte < 0x90;
	}
	return true;
}

/* Length of the non-ASCII character at @text. 0: invalid, or a control character. */
static size_t utf8_sequence_length(const unsigned char *text, size_t left)
{
	size_t length = *text >= 0xf0 ? 4 : *text >= 0xe0 ? 3 : 2;

	if (*text < 0xc2 || *text > 0xf4 || length > left)
		return 0;
	for (size_t i = 1; i < length; i++)
		if (!utf8_is_continuation(text[i]))
			return 0;
	return utf8_is_second(text[0], text[1]) ? length : 0;
}

size_t utf8_length(const char *text, size_t most)
{
	size_t length = strnlen(text, most + 1);

	if (length <= most)
		return length;
	/* Drop a last character that does not fit. It has at most 3 bytes before the cut. */
	for (int i = 0; i < 3 && most && utf8_is_continuation(text[most]); i++)
		most--;
	return most;
}

/* Copy one character, or replace one invalid byte. Returns the number of bytes. */
static size_t utf8_clean_one(char *to, const char *from, size_t left)
{
	size_t length = 1;

	if (!utf8_is_printable(*from))
		length = utf8_sequence_length((const unsigned char *)from, left);
	if (length) {
		memcpy(to, from, length);
		return length;
	}
	*to = '?';
	return 1;
}

/* Copy 8 bytes if all are printable ASCII. */
static bool utf8_copy_word(char *to, const char *from)
{
	__u64 word;

	memcpy(&word, from, sizeof(word));
	if (!utf8_is_printable_word(word))
		return false;
	memcpy(to, &word, sizeof(word));
	return true;
}

void utf8_clean(char *to, const char *from, size_t length)
{
	const size_t word = sizeof(__u64);
	size_t at = 0;

	while (length - at >= word) {
		if (utf8_copy_word(to + at, from + at))
			at += word;
		else
			at += utf8_clean_one(to + at, from + at, length - at);
	}
	/* the rest together with printable bytes before it, which are copied again */
	if (at < length && length >= word &&
	    utf8_copy_word(to + length - word, from + length - word))
		return;
	while (at < length)
		at += utf8_clean_one(to + at, from + at, length - at);
}

void utf8_to_ascii(char *text)
{
	for (; *text; text++)
		if (!utf8_is_printable(*text))
			*text = '?';
}

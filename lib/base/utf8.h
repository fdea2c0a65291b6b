/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Cleans names of programs, maps and files for a capture file: valid UTF-8 without control
 * characters.
 */
#ifndef XDPDROP_BASE_UTF8_H
#define XDPDROP_BASE_UTF8_H

#include <stddef.h>

/* Length of @text, at most @most bytes, never ending in the middle of a character. */
size_t utf8_length(const char *text, size_t most);

/* Copy @length bytes. Control characters and bytes that are not UTF-8 become '?'. */
void utf8_clean(char *to, const char *from, size_t length);

/* Replace each byte of @text that is not printable ASCII by '?'. */
void utf8_to_ascii(char *text);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Strings that came from elsewhere, on their way to a person's terminal.
 */
#ifndef XDPDROP_TEXT_H
#define XDPDROP_TEXT_H

#include <stddef.h>

/* Bytes of the UTF-8 character at @text, which ends with a 0 and is not empty; 0: it is none. */
size_t text_character(const char *text);

/*
 * Replace, in place, each byte of what is not UTF-8, or is a control character, with '?'. Returns
 * @text.
 */
char *text_clean(char *text);

/* An xdpdrop_line_fn: print a line on standard output, cleaned. */
void text_put_line(void *data, const char *line);

#endif

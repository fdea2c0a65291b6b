/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Makes strings from other sources safe for a terminal.
 */
#ifndef XDPDROP_TEXT_H
#define XDPDROP_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* Length of the UTF-8 character at @text, which is terminated and not empty; 0: it is invalid. */
size_t text_character(const char *text);

/* Is the character of @length bytes at @text one that a terminal obeys? */
bool text_is_control(const char *text, size_t length);

/*
 * Replace each byte that is not UTF-8 or belongs to a control character with '?', in place. Returns
 * @text.
 */
char *text_clean(char *text);

/* An xdpdrop_line_fn: print a line on standard output, cleaned. */
void text_put_line(void *data, const char *line);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Text of a known width for a terminal: names from elsewhere, numbers, sparklines. Draws nothing.
 */
#ifndef XDPDROP_SCREEN_TEXT_H
#define XDPDROP_SCREEN_TEXT_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#define SCREEN_COLUMNS 512 /* wider screens stay empty at the right */

/* A text of up to SCREEN_COLUMNS columns. */
struct screen_text {
	char text[4 * SCREEN_COLUMNS + 1];
};

/*
 * @text in exactly @columns: cut, with a mark at the end, or filled up with spaces, on the left
 * with @right. Bytes that are not UTF-8, and characters that have no width of their own or would
 * control the terminal, become '?'; without @utf8 all but ASCII does.
 */
struct screen_text screen_text_fit(const char *text, unsigned int columns, bool right, bool utf8);

/* How many columns the whole text takes that way. */
unsigned int screen_text_width(const char *text, bool utf8);

struct screen_number {
	char text[32];
};

/* "7", "0.5", "999", "12.3k", "1.23M". */
struct screen_number screen_text_count(double value);

/* "7 B", "999 B", "12.3 kB", "1.23 MB". */
struct screen_number screen_text_bytes(double value);

/* All digits where there are at most @digits, else as screen_text_count(). */
struct screen_number screen_text_total(__u64 value, unsigned int digits);

/* @part of @whole: "0.1%", "12.3%", "100%"; "-": there is no whole. */
struct screen_number screen_text_share(double part, double whole);

/* "0:12:34", "3d 02:11:05". */
struct screen_number screen_text_duration(__u64 seconds);

/*
 * The @count last values, newest last, as bars in @columns, a divisor of @count: the mean of
 * @count / @columns values each. The highest one has the full height.
 */
struct screen_text screen_text_spark(const __u32 *value, unsigned int count, unsigned int columns,
				     bool utf8);

/* The same, but line @line of @lines, from the top. */
struct screen_text screen_text_chart(const __u32 *value, unsigned int count, unsigned int columns,
				     unsigned int line, unsigned int lines, bool utf8);

#endif

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Widths of characters are those of the C library's locale.
 */
#include "screen/screen_text.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

#include "common/text.h"

/* Of a valid UTF-8 character of @length bytes. */
static wchar_t screen_decode(const char *at, size_t length)
{
	static const unsigned char first[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	wchar_t code = (unsigned char)at[0] & first[length];

	for (size_t i = 1; i < length; i++)
		code = code << 6 | ((unsigned char)at[i] & 0x3f);
	return code;
}

/*
 * How many columns the character at @at takes, and in *@length its bytes; 0: it may not be drawn.
 * What has no width would change the character before it, or the direction of the line.
 */
static unsigned int screen_width(const char *at, bool utf8, size_t *length)
{
	int width;

	*length = text_character(at);
	if (*length == 1)
		return *at >= 0x20 && *at != 0x7f;
	if (!*length || !utf8) {
		*length = 1;
		return 0;
	}
	width = wcwidth(screen_decode(at, *length));
	return width > 0 ? width : 0;
}

unsigned int screen_text_width(const char *text, bool utf8)
{
	unsigned int columns = 0;
	size_t length;

	for (; *text; text += length) {
		unsigned int width = screen_width(text, utf8, &length);

		columns += width ? width : 1;
	}
	return columns;
}

struct fitted {
	struct screen_text out;
	size_t used; /* bytes */
	unsigned int columns;
};

static void screen_append(struct fitted *fitted, const char *text, size_t length,
			  unsigned int columns)
{
	memcpy(fitted->out.text + fitted->used, text, length);
	fitted->used += length;
	fitted->columns += columns;
}

/* Of the last column of what is cut. */
static void screen_append_mark(struct fitted *fitted, bool utf8)
{
	const char *mark = utf8 ? "…" : "~";

	screen_append(fitted, mark, strlen(mark), 1);
}

/* Up to @columns of @text. Returns whether that is all. */
static bool screen_take(struct fitted *fitted, const char *text, unsigned int columns, bool utf8)
{
	size_t length;

	for (; *text; text += length) {
		unsigned int width = screen_width(text, utf8, &length);

		if (fitted->columns + (width ? width : 1) > columns)
			return false;
		if (width)
			screen_append(fitted, text, length, width);
		else
			screen_append(fitted, "?", 1, 1);
	}
	return true;
}

struct screen_text screen_text_fit(const char *text, unsigned int columns, bool right, bool utf8)
{
	struct fitted all = { .used = 0 }, cut = { .used = 0 }, *taken = &all;
	unsigned int space;

	if (columns > SCREEN_COLUMNS)
		columns = SCREEN_COLUMNS;
	if (columns && !screen_take(&all, text, columns, utf8)) {
		screen_take(&cut, text, columns - 1, utf8);
		screen_append_mark(&cut, utf8);
		taken = &cut;
	}
	space = columns - taken->columns;
	if (right)
		memmove(taken->out.text + space, taken->out.text, taken->used);
	memset(taken->out.text + (right ? 0 : taken->used), ' ', space);
	taken->out.text[taken->used + space] = '\0';
	return taken->out;
}

/* Three digits and a unit of @units, of which the first one is for values below 1000. */
static struct screen_number screen_scale(double value, const char *const *units)
{
	struct screen_number out;
	unsigned int unit = 0;

	/* 999.5 would be rounded to 1000 */
	for (; value >= 999.5 && units[unit + 1]; value /= 1000)
		unit++;
	if (value >= 99.95 || (!unit && (value == (__u64)value || value >= 9.95)))
		snprintf(out.text, sizeof(out.text), "%.0f%s", value, units[unit]);
	else if (value >= 9.995 || !unit)
		snprintf(out.text, sizeof(out.text), "%.1f%s", value, units[unit]);
	else
		snprintf(out.text, sizeof(out.text), "%.2f%s", value, units[unit]);
	return out;
}

struct screen_number screen_text_count(double value)
{
	static const char *const units[] = { "", "k", "M", "G", "T", "P", "E", NULL };

	return screen_scale(value, units);
}

struct screen_number screen_text_bytes(double value)
{
	static const char *const units[] = { " B", " kB", " MB", " GB", " TB", " PB", " EB", NULL };

	return screen_scale(value, units);
}

struct screen_number screen_text_total(__u64 value, unsigned int digits)
{
	struct screen_number out;

	if (snprintf(out.text, sizeof(out.text), "%" PRIu64, (uint64_t)value) <= (int)digits)
		return out;
	return screen_text_count(value);
}

struct screen_number screen_text_share(double part, double whole)
{
	struct screen_number out = { "-" };

	if (whole > 0 && part / whole >= 0.9995)
		snprintf(out.text, sizeof(out.text), "100%%");
	else if (whole > 0)
		snprintf(out.text, sizeof(out.text), "%.1f%%", 100 * part / whole);
	return out;
}

struct screen_number screen_text_duration(__u64 seconds)
{
	struct screen_number out;
	unsigned int minute = seconds / 60 % 60, second = seconds % 60;
	uint64_t hours = seconds / 3600;

	if (hours < 24)
		snprintf(out.text, sizeof(out.text), "%" PRIu64 ":%02u:%02u", hours, minute,
			 second);
	else
		snprintf(out.text, sizeof(out.text), "%" PRIu64 "d %02u:%02u:%02u", hours / 24,
			 (unsigned int)(hours % 24), minute, second);
	return out;
}

/* The sum of the values of column @column. */
static __u64 screen_sum(const __u32 *value, unsigned int each, unsigned int column)
{
	__u64 sum = 0;

	for (unsigned int i = 0; i < each; i++)
		sum += value[column * each + i];
	return sum;
}

#define LEVELS 8

/* Append a bar of @level eighths of a line. Returns its length. */
static size_t screen_append_bar(char *to, unsigned int level, bool utf8)
{
	static const char blocks[] = "▁▂▃▄▅▆▇█"; /* of three bytes each */
	static const char ascii[] = " ..:-=+*#";

	if (utf8 && level) {
		memcpy(to, blocks + 3 * (level - 1), 3);
		return 3;
	}
	*to = ascii[level];
	return 1;
}

struct screen_text screen_text_chart(const __u32 *value, unsigned int count, unsigned int columns,
				     unsigned int line, unsigned int lines, bool utf8)
{
	unsigned int each = count / columns, below = (lines - 1 - line) * LEVELS;
	struct screen_text out;
	__u64 most = 0;
	size_t used = 0;

	for (unsigned int i = 0; i < columns; i++)
		if (screen_sum(value, each, i) > most)
			most = screen_sum(value, each, i);
	for (unsigned int i = 0; i < columns; i++) {
		__u64 sum = screen_sum(value, each, i);
		/* whatever is not zero is seen */
		__u64 height = most ? (sum * LEVELS * lines + most - 1) / most : 0;
		unsigned int level = height <= below	     ? 0 :
				     height - below < LEVELS ? height - below :
							       LEVELS;

		used += screen_append_bar(out.text + used, level, utf8);
	}
	out.text[used] = '\0';
	return out;
}

struct screen_text screen_text_spark(const __u32 *value, unsigned int count, unsigned int columns,
				     bool utf8)
{
	return screen_text_chart(value, count, columns, 0, 1, utf8);
}

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tests of what counts as text.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

/* Both in memory of exactly their size, so that a byte too far is seen. */
static void check_clean(const char *text, const char *expected)
{
	size_t length = strlen(text);
	char *from = malloc(length + !length), *to = malloc(length + !length);

	memcpy(from, text, length);
	utf8_clean(to, from, length);
	assert_int_equal(strlen(expected), length);
	assert_memory_equal(to, expected, length);
	free(from);
	free(to);
}

static void text_stays(void **state)
{
	(void)state;
	check_clean("", "");
	check_clean(" ~", " ~");
	check_clean("0123456789abcdefg", "0123456789abcdefg");
	check_clean("\xc2\xa0\xdf\xbf", "\xc2\xa0\xdf\xbf");
	check_clean("\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf",
		    "\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf");
	check_clean("\xf0\x90\x80\x80\xf4\x8f\xbf\xbf", "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf");
}

static void control_characters_go(void **state)
{
	(void)state;
	check_clean("\x01\x1f\x7f\t\n\r", "??????");
	check_clean("\xc2\x80\xc2\x9f", "????");
}

/* Each bad byte alone, at each place of @length otherwise printable ones, which differ. */
static void check_places(int length)
{
	char from[20] = "", expected[20] = "";

	for (int byte = 1; byte < 256; byte++) {
		for (int place = 0; place < length; place++) {
			memcpy(from, "abcdefghijklmnopqrs", length);
			from[place] = byte;
			memcpy(expected, from, length);
			if (byte < 0x20 || byte >= 0x7f)
				expected[place] = '?';
			check_clean(from, expected);
		}
	}
}

/* With a part of a word behind none to two whole ones. */
static void each_byte_at_each_place(void **state)
{
	(void)state;
	for (int length = 1; length < 20; length++)
		check_places(length);
	check_clean("01234567\xc3\xa9", "01234567\xc3\xa9");
	check_clean("0123456\xc3\xa9", "0123456\xc3\xa9");
	check_clean("\xff\xff\xff\xff\xff\xff\xff\xff.", "????????.");
}

static void what_is_not_utf8_goes(void **state)
{
	(void)state;
	check_clean("\x80 \xbf", "? ?");
	check_clean("\xc0\x80\xc1\xbf", "????"); /* overlong */
	check_clean("\xe0\x9f\xbf \xf0\x8f\xbf\xbf", "??? ????");
	check_clean("\xed\xa0\x80", "???");			     /* surrogate */
	check_clean("\xf4\x90\x80\x80\xf5\x80\x80\x80", "????????"); /* above U+10FFFF */
	check_clean("\xe2\x82", "??");				     /* ends too soon */
	check_clean("\xe2\x82z\xac", "??z?");
	check_clean("\xfe\xff", "??");
}

static void length_ends_between_characters(void **state)
{
	(void)state;
	assert_int_equal(utf8_length("", 0), 0);
	assert_int_equal(utf8_length("abc", 0), 0);
	assert_int_equal(utf8_length("abc", 2), 2);
	assert_int_equal(utf8_length("abc", 3), 3);
	assert_int_equal(utf8_length("abc", 100), 3);
	assert_int_equal(utf8_length("a\xe2\x82\xac", 4), 4);
	assert_int_equal(utf8_length("a\xe2\x82\xac", 3), 1);
	assert_int_equal(utf8_length("a\xe2\x82\xac", 2), 1);
	assert_int_equal(utf8_length("a\xe2\x82\xac", 1), 1);
	assert_int_equal(utf8_length("\xf0\x90\x80\x80", 3), 0);
	assert_int_equal(utf8_length("\x80\x80\x80\x80\x80\x80", 5), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_stays),
		cmocka_unit_test(control_characters_go),
		cmocka_unit_test(each_byte_at_each_place),
		cmocka_unit_test(what_is_not_utf8_goes),
		cmocka_unit_test(length_ends_between_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

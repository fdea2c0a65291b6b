// SPDX-License-Identifier: GPL-2.0-only
/*
 * What reaches a terminal, in columns.
 */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "screen/screen_text.h"

#define assert_fit(text_, columns, right, utf8, expected)                                          \
	assert_string_equal(screen_text_fit(text_, columns, right, utf8).text, expected)

static void test_fit(void **state)
{
	(void)state;
	assert_fit("acl", 5, false, true, "acl  ");
	assert_fit("acl", 5, true, true, "  acl");
	assert_fit("acl", 3, false, true, "acl");
	assert_fit("acl", 2, false, true, "a…");
	assert_fit("acl", 2, true, false, "a~");
	assert_fit("acl", 1, false, true, "…");
	assert_fit("acl", 0, false, true, "");
	assert_fit("", 2, false, true, "  ");
}

static void test_fit_wide(void **state)
{
	(void)state;
	assert_fit("日本語", 6, false, true, "日本語");
	assert_fit("日本語", 5, false, true, "日本…");
	assert_fit("日本語", 4, false, true, "日… ");
	assert_fit("日本語", 3, true, true, "日…");
	assert_fit("日", 1, false, true, "…");
	assert_fit("é", 3, false, false, "?? ");
}

static void test_fit_hostile(void **state)
{
	(void)state;
	assert_fit("a\033[31mb\a\177", 10, false, true, "a?[31mb?? ");
	assert_fit("a\n\tb", 4, false, true, "a??b");
	assert_fit("\302\233"
		   "31m",
		   4, false, true, "?31m");
	assert_fit("\233\377x\303", 4, false, true, "??x?");
	/* a combining accent, a direction, a joiner */
	assert_fit("e\314\201", 3, false, true, "e? ");
	assert_fit("a\342\200\256b", 4, false, true, "a?b ");
	assert_fit("a\342\200\215b", 4, false, true, "a?b ");
}

static void test_fit_long(void **state)
{
	static char text[100000];
	struct screen_text out;

	(void)state;
	memset(text, 'a', sizeof(text) - 1);
	out = screen_text_fit(text, 100000, false, true);
	assert_int_equal(strlen(out.text), SCREEN_COLUMNS - 1 + strlen("…"));
	for (size_t i = 0; i + 4 < sizeof(text); i += 4)
		memcpy(text + i, "\360\237\230\200", 4);
	out = screen_text_fit(text, SCREEN_COLUMNS, false, true);
	assert_true(strlen(out.text) >= SCREEN_COLUMNS && strlen(out.text) < sizeof(out.text));
}

static void test_numbers(void **state)
{
	static const struct {
		double value;
		const char *count, *bytes;
	} cases[] = {
		{ 0, "0", "0 B" },
		{ 0.04, "0.0", "0.0 B" },
		{ 0.5, "0.5", "0.5 B" },
		{ 7, "7", "7 B" },
		{ 9.94, "9.9", "9.9 B" },
		{ 9.96, "10", "10 B" },
		{ 12.4, "12", "12 B" },
		{ 999, "999", "999 B" },
		{ 999.5, "1.00k", "1.00 kB" },
		{ 1234, "1.23k", "1.23 kB" },
		{ 9996, "10.0k", "10.0 kB" },
		{ 12345, "12.3k", "12.3 kB" },
		{ 99960, "100k", "100 kB" },
		{ 999499, "999k", "999 kB" },
		{ 999500, "1.00M", "1.00 MB" },
		{ 1.8e19, "18.0E", "18.0 EB" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_string_equal(screen_text_count(cases[i].value).text, cases[i].count);
		assert_string_equal(screen_text_bytes(cases[i].value).text, cases[i].bytes);
	}
	assert_string_equal(screen_text_total(12345678, 8).text, "12345678");
	assert_string_equal(screen_text_total(123456789, 8).text, "123M");
	assert_string_equal(screen_text_total(~0ULL, 8).text, "18.4E");
	assert_string_equal(screen_text_share(1, 0).text, "-");
	assert_string_equal(screen_text_share(1, 3).text, "33.3%");
	assert_string_equal(screen_text_share(9996, 10000).text, "100%");
	assert_string_equal(screen_text_share(0, 3).text, "0.0%");
	assert_string_equal(screen_text_duration(754).text, "0:12:34");
	assert_string_equal(screen_text_duration(86400 * 3 + 7865).text, "3d 02:11:05");
}

static void test_spark(void **state)
{
	static const __u32 value[] = { 0, 0, 1, 0, 50, 50, 100, 100 };
	static const __u32 none[8], most[] = { ~0U, ~0U, ~0U, ~0U };

	(void)state;
	assert_string_equal(screen_text_spark(value, 8, 8, true).text, "  ▁ ▄▄██");
	assert_string_equal(screen_text_spark(value, 8, 4, true).text, " ▁▄█");
	assert_string_equal(screen_text_spark(value, 8, 4, false).text, " .-#");
	assert_string_equal(screen_text_spark(none, 8, 4, true).text, "    ");
	assert_string_equal(screen_text_spark(most, 4, 2, true).text, "██");
	assert_string_equal(screen_text_chart(value, 8, 4, 0, 2, true).text, "   █");
	assert_string_equal(screen_text_chart(value, 8, 4, 1, 2, true).text, " ▁██");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fit),	    cmocka_unit_test(test_fit_wide),
		cmocka_unit_test(test_fit_hostile), cmocka_unit_test(test_fit_long),
		cmocka_unit_test(test_numbers),	    cmocka_unit_test(test_spark),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}

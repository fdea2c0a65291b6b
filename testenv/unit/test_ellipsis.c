/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tests of what is quoted of a text, and of where a place is in it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "between.h"
#include "filter/ellipsis.h"

#define NINE "12345678 "
#define FIVE_NINES NINE NINE NINE NINE NINE
#define EIGHT_NINES FIVE_NINES NINE NINE NINE

/* @text with @place in it, or NULL, gives @wanted, in which @wanted_place is. */
static void assert_ellipsis(const char *text, const char *place, const char *wanted,
			    const char *wanted_place)
{
	char ellipsis[ELLIPSIS_SIZE];
	const char *at = ellipsis_take(ellipsis, text, place ? strstr(text, place) : NULL);

	assert_string_equal(ellipsis, wanted);
	assert_string_equal(at, wanted_place);
	assert_between(at - ellipsis, 0, strlen(ellipsis));
}

static void a_short_text_is_whole(void **state)
{
	(void)state;
	assert_ellipsis("", NULL, "", "");
	assert_ellipsis("tcp and and", "and and", "tcp and and", "and and");
	assert_ellipsis(EIGHT_NINES, NULL, EIGHT_NINES, EIGHT_NINES);
	assert_ellipsis(EIGHT_NINES, "", EIGHT_NINES, EIGHT_NINES);
}

static void a_long_text_is_cut_between_words(void **state)
{
	(void)state;
	assert_ellipsis(EIGHT_NINES "end", NULL, FIVE_NINES NINE NINE "12345678...",
			FIVE_NINES NINE NINE "12345678...");
	assert_ellipsis(EIGHT_NINES "here " EIGHT_NINES, "here",
			"..." NINE NINE NINE "here " NINE NINE NINE "12345678...",
			"here " NINE NINE NINE "12345678...");
	assert_ellipsis(EIGHT_NINES EIGHT_NINES "end", "end", "..." FIVE_NINES NINE NINE "end",
			"end");
}

#define LETTERS "abcdefghijklmnopqrstuvwxyz"

static void a_long_word_is_cut(void **state)
{
	const char *text = LETTERS LETTERS LETTERS LETTERS;
	char ellipsis[ELLIPSIS_SIZE];

	(void)state;
	assert_ellipsis(text, NULL, LETTERS LETTERS "abcdefghijklmnopqrst...",
			LETTERS LETTERS "abcdefghijklmnopqrst...");
	/* the end is where words are missing */
	assert_string_equal(ellipsis_take(ellipsis, text, text + strlen(text)), "");
	assert_string_equal(ellipsis, "...ghijklmnopqrstuvwxyz" LETTERS LETTERS);
}

#define UMLAUTS "\u00e4\u00f6\u00fc\u00e4\u00f6\u00fc\u00e4\u00f6\u00fc\u00e4\u00f6\u00fc"

static void characters_stay_whole(void **state)
{
	const char *text = "x" UMLAUTS UMLAUTS UMLAUTS UMLAUTS;
	char ellipsis[ELLIPSIS_SIZE];

	(void)state;
	ellipsis_take(ellipsis, text, NULL);
	assert_string_equal(strrchr(ellipsis, '\xbc') + 1, "\u00e4\u00f6...");
	assert_string_equal(ellipsis_take(ellipsis, text, text + strlen(text)), "");
	assert_string_equal(ellipsis, "..." UMLAUTS UMLAUTS UMLAUTS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_short_text_is_whole),
		cmocka_unit_test(a_long_text_is_cut_between_words),
		cmocka_unit_test(a_long_word_is_cut),
		cmocka_unit_test(characters_stay_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

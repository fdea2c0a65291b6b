/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tests of the place of an error in long filters: the right word, and little is compiled for it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "between.h"
#include "filter/syntax_error.h"

#define PORTS 1500
#define MOST_COMPILED 1000

/* In place of libpcap. */
static bool compiles(void *data, const char *expression)
{
	const char *last = strrchr(expression, ' ');

	++*(unsigned int *)data;
	if (strstr(expression, "bad") || strstr(expression, "and and"))
		return false;
	last = last ? last + 1 : expression;
	return isdigit(*last);
}

/* Ports, and @word before the one that has the number @at. */
static char *ports(int at, const char *word)
{
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	for (int i = 1; i <= PORTS; i++)
		fprintf(file, "%s%sport %d", i > 1 ? " or " : "", i == at ? word : "", i);
	fclose(file);
	return text;
}

static void finds_the_word_wherever_it_is(void **state)
{
	static const int places[] = { 1, 2, 14, 15, 16, 100, 750, 1000, 1499, 1500 };

	(void)state;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		char *text = ports(places[i], "(bad ");
		unsigned int compiled = 0;

		assert_ptr_equal(filter_where(text, compiles, &compiled), strstr(text, "bad"));
		assert_between(compiled, 1, MOST_COMPILED);
		free(text);
	}
}

static void finds_the_second_of_two_words(void **state)
{
	char *text = ports(PORTS, "port 7 and and ");
	unsigned int compiled = 0;

	(void)state;
	assert_ptr_equal(filter_where(text, compiles, &compiled),
			 strstr(text, "and and") + strlen("and "));
	assert_between(compiled, 1, MOST_COMPILED);
	free(text);
}

static void finds_that_the_end_is_missing(void **state)
{
	char *text = ports(1, "(");
	unsigned int compiled = 0;

	(void)state;
	assert_string_equal(filter_where(text, compiles, &compiled), "");
	assert_between(compiled, 1, MOST_COMPILED);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_the_word_wherever_it_is),
		cmocka_unit_test(finds_the_second_of_two_words),
		cmocka_unit_test(finds_that_the_end_is_missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

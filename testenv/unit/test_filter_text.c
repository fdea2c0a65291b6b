// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of where the filter of a command line comes from.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "options/expression.h"
#include "options/filter_text.h"

static bool memory_is_out;

char *expression_join(char *const *words)
{
	return memory_is_out || !*words ? NULL : strdup(*words);
}

char *expression_read(const char *path, const char **wrong)
{
	*wrong = "it is a test";
	return strcmp(path, "there") ? NULL : strdup("udp");
}

const char *expression_hint(const char *path)
{
	(void)path;
	return "; use another";
}

bool expression_is_plain(const char *text)
{
	(void)text;
	return false;
}

/* What is taken must be @expected, with @said as message. */
static void assert_taken(char *const *words, const char *file, int expected_err,
			 const char *expected, const char *said)
{
	char *text = (char *)"untouched", *message = NULL;
	size_t size;
	struct report report = { .stream = open_memstream(&message, &size), .program = "test" };

	assert_int_equal(filter_text_take(words, file, &report, &text), expected_err);
	fclose(report.stream);
	if (expected)
		assert_string_equal(text, expected);
	else
		assert_null(text);
	assert_string_equal(message, said);
	free(text);
	free(message);
}

static void words_or_a_file_are_the_filter(void **state)
{
	char *none[] = { NULL }, *words[] = { (char *)"tcp", NULL };

	(void)state;
	assert_taken(words, NULL, 0, "tcp", "");
	assert_taken(none, NULL, 0, NULL, "");
	assert_taken(NULL, NULL, 0, NULL, "");
	assert_taken(none, "there", 0, "udp", "");
	assert_taken(NULL, "missing", -EINVAL, NULL,
		     "test: cannot read the filter from missing: it is a test; use another\n");
}

/* As no filter it would let all frames match. */
static void a_filter_without_memory_is_an_error(void **state)
{
	char *words[] = { (char *)"tcp", NULL };

	(void)state;
	memory_is_out = true;
	assert_taken(words, NULL, -ENOMEM, NULL,
		     "test: cannot take the filter: Cannot allocate memory\n");
	memory_is_out = false;
}

static void words_and_a_file_exclude_each_other(void **state)
{
	char *none[] = { NULL }, *words[] = { (char *)"tcp", NULL };
	struct cmdline_error error = { 0 };

	(void)state;
	assert_int_equal(filter_text_check(none, "there", &error), 0);
	assert_int_equal(filter_text_check(words, NULL, &error), 0);
	assert_int_equal(filter_text_check(words, "there", &error), -EINVAL);
	assert_string_equal(error.text, "option -f: the command line has a filter, too: 'tcp'");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_or_a_file_are_the_filter),
		cmocka_unit_test(a_filter_without_memory_is_an_error),
		cmocka_unit_test(words_and_a_file_exclude_each_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

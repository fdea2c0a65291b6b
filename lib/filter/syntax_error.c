// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Tries beginnings of an expression, word by word.
 */
#include "filter/syntax_error.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

/*
 * So many words are tried one by one, which is certain to find the first that is wrong even if no
 * ending fits one of the beginnings. With more it would take minutes: of those that follow, few
 * are tried.
 */
#define ONE_BY_ONE 40

/* What can make a filter of a beginning of one: before and after closing parentheses. */
static const struct {
	const char *inner, *outer;
} endings[] = {
	{ "", "" },	     { " tcp", "" },	       { " 1", "" },
	{ " 10.0.0.1", "" }, { " ::1", "" },	       { " 00:00:00:00:00:00", "" },
	{ " port 1", "" },   { " host 10.0.0.1", "" }, { " proto 1", "" },
	{ " 1-2", "" },	     { "", " = 0" },	       { " 1", " = 0" },
	{ "] = 0", "" },     { " 0] = 0", "" },
};

static unsigned int syntax_error_open_parentheses(const char *text, size_t length)
{
	int open = 0;

	for (size_t i = 0; i < length; i++)
		open += (text[i] == '(') - (text[i] == ')');
	return open > 0 ? open : 0;
}

static bool syntax_error_can_go_on(const char *expression, size_t length,
				   filter_compiles_fn compiles, void *data)
{
	unsigned int open = syntax_error_open_parentheses(expression, length);
	CLEANUP_FREE char *text = malloc(length + open + 64);

	for (size_t i = 0; text && i < sizeof(endings) / sizeof(endings[0]); i++) {
		char *end = text + length;

		memcpy(text, expression, length);
		end = stpcpy(end, endings[i].inner);
		memset(end, ')', open);
		strcpy(end + open, endings[i].outer);
		if (compiles(data, text))
			return true;
	}
	return false;
}

/* Just after a word, or a parenthesis. */
static const char *syntax_error_word_end(const char *word)
{
	return word + (strchr("()", *word) ? 1 : strcspn(word, " \t\n()"));
}

static const char *syntax_error_skip_blanks(const char *text)
{
	while (isspace((unsigned char)*text))
		text++;
	return text;
}

static const char *syntax_error_next_word(const char *word)
{
	return syntax_error_skip_blanks(syntax_error_word_end(word));
}

static size_t syntax_error_count_words(const char *word)
{
	size_t count = 0;

	for (; *word; word = syntax_error_next_word(word))
		count++;
	return count;
}

/* What precedes @word can go on: halve the words from there on until one is left, or the end. */
static const char *syntax_error_bisect(const char *expression, const char *word,
				       filter_compiles_fn compiles, void *data)
{
	size_t left = syntax_error_count_words(word);

	while (left) {
		const char *middle = word;

		for (size_t i = 0; i < left / 2; i++)
			middle = syntax_error_next_word(middle);
		if (syntax_error_can_go_on(expression, syntax_error_word_end(middle) - expression,
					   compiles, data)) {
			word = syntax_error_next_word(middle);
			left -= left / 2 + 1;
		} else {
			left /= 2;
		}
	}
	return word;
}

const char *filter_where(const char *expression, filter_compiles_fn compiles, void *data)
{
	const char *word = syntax_error_skip_blanks(expression);

	for (int i = 0; i < ONE_BY_ONE && *word; i++) {
		if (!syntax_error_can_go_on(expression, syntax_error_word_end(word) - expression,
					    compiles, data))
			return word;
		word = syntax_error_next_word(word);
	}
	return syntax_error_bisect(expression, word, compiles, data);
}

// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Tries beginnings of an expression, word by word.
 */
#include "filter_where.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"

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

static unsigned int open_parentheses(const char *text, size_t length)
{
	int open = 0;

	for (size_t i = 0; i < length; i++)
		open += (text[i] == '(') - (text[i] == ')');
	return open > 0 ? open : 0;
}

static bool can_go_on(const char *expression, size_t length, filter_compiles_fn compiles,
		      void *data)
{
	unsigned int open = open_parentheses(expression, length);
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

/* A word, or a parenthesis. */
static size_t word_length(const char *word)
{
	return strchr("()", *word) ? 1 : strcspn(word, " \t\n()");
}

const char *filter_where(const char *expression, filter_compiles_fn compiles, void *data)
{
	const char *word = expression;

	while (isspace((unsigned char)*word))
		word++;
	while (*word) {
		const char *end = word + word_length(word);

		if (!can_go_on(expression, end - expression, compiles, data))
			return word;
		for (word = end; isspace((unsigned char)*word);)
			word++;
	}
	return word;
}

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the test helpers share: a message and exit 1 on failure, strict numbers, lists.
 */
#ifndef XDPDROP_TESTENV_HELPER_H
#define XDPDROP_TESTENV_HELPER_H

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "frame.h"

#define MAX_FRAME_SIZE 65000
#define MAX_LIST 64

__attribute__((format(printf, 1, 2), noreturn, unused)) static void die(const char *format, ...)
{
	va_list args;

	fprintf(stderr, "%s: ", program_invocation_short_name);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(1);
}

__attribute__((unused)) static long number(const char *text, long least, long most)
{
	char *end;
	long value;

	errno = 0;
	value = strtol(text, &end, 0);
	if (errno || end == text || *end || value < least || value > most)
		die("'%s' is not a number from %ld to %ld", text, least, most);
	return value;
}

/* Index of @word in @names; ends the program when it is not there. */
__attribute__((unused)) static int word(const char *text, const char *const *names, int count)
{
	for (int i = 0; i < count; i++)
		if (!strcmp(text, names[i]))
			return i;
	die("unknown word '%s'", text);
}

struct list {
	int value[MAX_LIST];
	int count;
};

/* Read "a,b,c" of @names, or of numbers up to @most when @names is NULL. */
__attribute__((unused)) static void read_list(struct list *list, char *text,
					      const char *const *names, int most)
{
	char *save = NULL;

	list->count = 0;
	for (char *item = strtok_r(text, ",", &save); item; item = strtok_r(NULL, ",", &save)) {
		if (list->count == MAX_LIST)
			die("more than %d items in a list", MAX_LIST);
		list->value[list->count++] =
			names ? word(item, names, most) : number(item, 0, most);
	}
	if (!list->count)
		die("an empty list");
}

__attribute__((unused)) static const char *const verdict_names[FRAME_VERDICTS] = {
	"aborted", "drop", "pass", "tx", "redirect", "invalid",
};

#endif

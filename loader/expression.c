// SPDX-License-Identifier: GPL-2.0-only
/*
 * Text only; what it means is libpcap's business.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "expression.h"

char *expression_join(char *const *words)
{
	char *text = NULL;
	size_t size;
	FILE *stream = *words ? open_memstream(&text, &size) : NULL;

	if (!stream)
		return NULL;
	for (; *words; words++)
		fprintf(stream, "%s%s", *words, words[1] ? " " : "");
	fclose(stream);
	return text;
}

/* As tcpdump reads it: a comment goes up to the end of its line. Returns what is wrong, or NULL. */
static const char *copy_lines(FILE *from, FILE *to)
{
	const char *wrong = NULL;
	size_t size = 0;
	char *line = NULL;
	ssize_t length;

	while (!wrong && (length = getline(&line, &size, from)) >= 0) {
		/* what follows the NUL would be lost */
		if (memchr(line, '\0', length))
			wrong = "it has a NUL byte, and a filter is plain text";
		line[strcspn(line, "#\n")] = '\0';
		fprintf(to, "%s ", line);
	}
	if (ferror(from))
		wrong = strerror(errno);
	free(line);
	return wrong;
}

char *expression_read(const char *path, const char **wrong)
{
	FILE *from = fopen(path, "re"), *to;
	char *text = NULL;
	size_t size;

	*wrong = strerror(errno);
	if (!from)
		return NULL;
	to = open_memstream(&text, &size);
	*wrong = to ? copy_lines(from, to) : strerror(errno);
	if (to && fclose(to) && !*wrong)
		*wrong = strerror(errno);
	fclose(from);
	if (!*wrong)
		return text;
	free(text);
	return NULL;
}

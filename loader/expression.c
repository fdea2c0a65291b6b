// SPDX-License-Identifier: GPL-2.0-only
/*
 * Text only; what it means is libpcap's business.
 */
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

/* As tcpdump reads it: a comment goes up to the end of its line. */
static int copy_lines(FILE *from, FILE *to)
{
	size_t size = 0;
	char *line = NULL;

	while (getline(&line, &size, from) >= 0) {
		line[strcspn(line, "#\n")] = '\0';
		fprintf(to, "%s ", line);
	}
	free(line);
	return ferror(from);
}

char *expression_read(const char *path)
{
	FILE *from = fopen(path, "re"), *to;
	char *text = NULL;
	size_t size;
	int failed;

	if (!from)
		return NULL;
	to = open_memstream(&text, &size);
	failed = to ? copy_lines(from, to) : 1;
	if (to)
		fclose(to);
	fclose(from);
	if (!failed)
		return text;
	free(text);
	return NULL;
}

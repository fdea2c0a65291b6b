// SPDX-License-Identifier: GPL-2.0-only
/*
 * Text only; what it means is libpcap's business.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "expression.h"

/* Bytes of a file; the longest filters that the kernel takes have some hundred KiB. */
#define EXPRESSION_MAX (1024 * 1024)

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
static const char *copy_text(FILE *from, FILE *to)
{
	bool comment = false;
	size_t size = 0;
	int byte;

	while ((byte = getc(from)) != EOF) {
		if (++size > EXPRESSION_MAX)
			return "it has more than 1 MiB, and is no filter";
		/* what follows the NUL would be lost */
		if (!byte)
			return "it has a NUL byte, and a filter is plain text";
		comment = byte != '\n' && (comment || byte == '#');
		if (!comment)
			putc(byte == '\n' ? ' ' : byte, to);
	}
	return ferror(from) ? strerror(errno) : NULL;
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
	*wrong = to ? copy_text(from, to) : strerror(errno);
	if (to && fclose(to) && !*wrong)
		*wrong = strerror(errno);
	fclose(from);
	if (!*wrong)
		return text;
	free(text);
	return NULL;
}

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Splits what a descriptor delivers into lines.
 */
#ifndef XDPDROP_FORWARD_LINES_H
#define XDPDROP_FORWARD_LINES_H

#include <stdbool.h>
#include <stddef.h>

#define FORWARD_LINE_MAX 65536

struct forward_lines {
	int fd;
	bool ended;    /* nothing follows */
	bool skipping; /* the rest of a line that is too long */
	size_t start, end;
	char buffer[FORWARD_LINE_MAX + 1];
};

enum forward_line {
	FORWARD_NO_LINE,  /* none is complete */
	FORWARD_LINE,	  /* a whole one */
	FORWARD_BAD_LINE, /* longer than FORWARD_LINE_MAX, or with a NUL character */
};

void forward_lines_open(struct forward_lines *lines, int fd);

/* Read once what is there. 0 or -errno; at the end, sets ended. */
int forward_lines_fill(struct forward_lines *lines);

/*
 * Take the next line: @text, terminated, without its newline, until the next fill. At the end, what
 * has no newline is one, too.
 */
enum forward_line forward_lines_next(struct forward_lines *lines, char **text, size_t *length);

#endif

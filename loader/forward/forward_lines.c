// SPDX-License-Identifier: GPL-2.0-only
/*
 * One buffer, in which lines stay where they were read.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "forward/forward_lines.h"

void forward_lines_open(struct forward_lines *lines, int fd)
{
	memset(lines, 0, sizeof(*lines));
	lines->fd = fd;
}

int forward_lines_fill(struct forward_lines *lines)
{
	ssize_t got;

	memmove(lines->buffer, lines->buffer + lines->start, lines->end - lines->start);
	lines->end -= lines->start;
	lines->start = 0;
	got = read(lines->fd, lines->buffer + lines->end, FORWARD_LINE_MAX - lines->end);
	if (got < 0)
		return errno == EINTR || errno == EAGAIN ? 0 : -errno;
	lines->end += got;
	lines->ended = !got;
	return 0;
}

/* Without a newline in it; a whole buffer of that is not waited for. */
static enum forward_line forward_lines_rest(struct forward_lines *lines, char **text,
					    size_t *length)
{
	bool full = lines->end - lines->start == FORWARD_LINE_MAX;
	bool was_skipping = lines->skipping;

	if (!full && !lines->ended && !lines->skipping)
		return FORWARD_NO_LINE;
	*text = lines->buffer + lines->start;
	*length = lines->end - lines->start;
	lines->buffer[lines->end] = '\0';
	lines->start = lines->end;
	lines->skipping = !lines->ended && (full || was_skipping);
	if (!full && !was_skipping && *length)
		return strlen(*text) == *length ? FORWARD_LINE : FORWARD_BAD_LINE;
	/* a long line counts where it ends */
	return lines->ended && was_skipping ? FORWARD_BAD_LINE : FORWARD_NO_LINE;
}

enum forward_line forward_lines_next(struct forward_lines *lines, char **text, size_t *length)
{
	char *start = lines->buffer + lines->start;
	char *newline = memchr(start, '\n', lines->end - lines->start);
	bool skipped = lines->skipping;

	if (!newline)
		return forward_lines_rest(lines, text, length);
	*newline = '\0';
	*text = start;
	*length = newline - start;
	lines->start += *length + 1;
	lines->skipping = false;
	return skipped || strlen(start) != *length ? FORWARD_BAD_LINE : FORWARD_LINE;
}

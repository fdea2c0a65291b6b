// SPDX-License-Identifier: GPL-2.0-only
/*
 * A stream of the C library that writes to memory.
 */
#include "screen/screen_log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The oldest half makes room, up to the end of a line. */
static void screen_forget(struct screen_log *log)
{
	char *half = log->text + log->used / 2, *end = memchr(half, '\n', log->used / 2);
	char *from = end ? end + 1 : log->text + log->used;

	log->left_out += from - log->text;
	log->used -= from - log->text;
	memmove(log->text, from, log->used);
}

/* The last line that is not empty. */
static void screen_remember_last(struct screen_log *log, const char *text, size_t size)
{
	size_t prefix = strlen(log->report->program);
	const char *line;

	while (size && text[size - 1] == '\n')
		size--;
	line = memrchr(text, '\n', size);
	line = line ? line + 1 : text;
	size -= line - text;
	if (!size)
		return;
	if (size > prefix + 2 && !strncmp(line, log->report->program, prefix) &&
	    !strncmp(line + prefix, ": ", 2)) {
		line += prefix + 2;
		size -= prefix + 2;
	}
	snprintf(log->last, sizeof(log->last), "%.*s", (int)size, line);
}

static ssize_t screen_write(void *cookie, const char *text, size_t size)
{
	struct screen_log *log = cookie;
	size_t taken = size < SCREEN_LOG_SIZE / 2 ? size : SCREEN_LOG_SIZE / 2;

	screen_remember_last(log, text, size);
	if (log->passes) {
		fwrite(text, 1, size, log->before);
		fflush(log->before);
		return size;
	}
	while (log->used + taken > SCREEN_LOG_SIZE)
		screen_forget(log);
	memcpy(log->text + log->used, text, taken);
	log->used += taken;
	return taken;
}

int screen_log_open(struct screen_log *log, struct report *report)
{
	FILE *stream;

	*log = (struct screen_log){ .before = report->stream, .text = malloc(SCREEN_LOG_SIZE) };
	stream = fopencookie(log, "w", (cookie_io_functions_t){ .write = screen_write });
	if (!stream || !log->text) {
		if (stream)
			fclose(stream);
		free(log->text);
		*log = (struct screen_log){ 0 };
		return -ENOMEM;
	}
	log->passes = !isatty(fileno(log->before));
	log->report = report;
	report->stream = stream;
	return 0;
}

void screen_log_close(struct screen_log *log)
{
	if (!log->report)
		return;
	fclose(log->report->stream);
	log->report->stream = log->before;
	if (log->left_out)
		fprintf(log->before, "%s: %zu bytes of messages before these are left out\n",
			log->report->program, log->left_out);
	fwrite(log->text, 1, log->used, log->before);
	fflush(log->before);
	free(log->text);
	*log = (struct screen_log){ 0 };
}

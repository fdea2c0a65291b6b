// SPDX-License-Identifier: GPL-2.0-only
/*
 * An error of the input is more than what a format finds missing because of it.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "replay/replay_format.h"

int replay_format_fail(struct replay_reader *reader, const char *format, ...)
{
	int error = reader->input.error;
	va_list args;

	if (error && reader->input.still)
		return error;
	if (error) {
		snprintf(reader->why, sizeof(reader->why), "%s",
			 error == -EBADMSG ? "its compressed data is damaged" : strerror(-error));
		return error;
	}
	va_start(args, format);
	vsnprintf(reader->why, sizeof(reader->why), format, args);
	va_end(args);
	return -EBADMSG;
}

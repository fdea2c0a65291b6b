// SPDX-License-Identifier: GPL-2.0-only
/*
 * Strings of brokers and libraries are cleaned before they are printed.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "common/text.h"
#include "forward/forward_log.h"

void forward_say(const char *format, ...)
{
	char text[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	fprintf(stderr, "xdpdrop-forward: %s\n", text_clean(text));
}

void forward_say_count(const struct forward_count *count, bool final)
{
	char waiting[48] = "";

	if (!final)
		snprintf(waiting, sizeof(waiting), ", %" PRIu64 " waiting",
			 (uint64_t)(count->read - count->delivered - count->failed - count->bad));
	fprintf(stderr,
		"%" PRIu64 " read, %" PRIu64 " delivered, %" PRIu64 " failed, %" PRIu64 " bad%s\n",
		(uint64_t)count->read, (uint64_t)count->delivered, (uint64_t)count->failed,
		(uint64_t)count->bad, waiting);
}

bool forward_open_standard(void)
{
	bool readable = fcntl(STDIN_FILENO, F_GETFD) >= 0;
	int fd;

	do
		fd = open("/dev/null", O_RDONLY);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
	return readable;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * mkostemps() creates the file with O_EXCL, mode 0600 and an unpredictable name.
 */
#include "common/refusal.h"
#include "common/write_all.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATH_SIZE 256
#define SUFFIX ".log"

/* @path gets the name, also on failure as far as it is known. 0 or -errno. */
static int refusal_save(const char *text, char *path, size_t size)
{
	const char *directory = secure_getenv("TMPDIR");
	int length = snprintf(path, size, "%s/xdpdrop-verifier-XXXXXX" SUFFIX,
			      directory && *directory ? directory : "/tmp");
	int fd, err;

	if (length < 0 || (size_t)length >= size)
		return -ENAMETOOLONG;
	fd = mkostemps(path, strlen(SUFFIX), O_CLOEXEC);
	if (fd < 0)
		return -errno;
	err = write_all(fd, text, strlen(text));
	if (close(fd) && !err)
		err = -errno;
	if (err)
		unlink(path);
	return err;
}

void refusal_report(const char *text, struct report *report)
{
	char path[PATH_SIZE];
	int err = text ? refusal_save(text, path, sizeof(path)) : 0;

	if (err)
		report_error(report, "cannot save the verifier's log as %s: %s", path,
			     strerror(-err));
	else if (text)
		report_error(report, "the kernel's verifier refused a program; its log is in %s",
			     path);
}

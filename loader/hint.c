// SPDX-License-Identifier: GPL-2.0-only
/*
 * Chooses a hint by the error number alone.
 */
#include <errno.h>
#include <stddef.h>

#include "hint.h"

#define LIBBPF_ERRORS 4000 /* the first of libbpf's error numbers */

const char *hint_after(int err, unsigned int verbose)
{
	switch (-err) {
	case EOWNERDEAD:
		return "'xdpdrop-loader clean' removes what a dead capture has left";
	case ENOMEM:
		return "smaller ring buffers (-B) take less memory";
	case EMFILE:
	case ENFILE:
		return "'ulimit -n' raises the limit of open files";
	/* the message suffices */
	case 0:
	case EBUSY:
	case EINVAL:
	case ENODEV:
	case ENOENT:
	case EPERM:
	case ESTALE:
		return NULL;
	}
	/* libbpf's own errors concern a file, not the kernel */
	if (-err >= LIBBPF_ERRORS || verbose >= 2)
		return NULL;
	return "-vv shows what the kernel and libxdp report";
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * By the error alone.
 */
#include <errno.h>
#include <stddef.h>

#include "hint.h"

#define LIBBPF_ERRORS 4000 /* the first one */

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
	/* the message is all there is to say */
	case 0:
	case EBUSY:
	case EINVAL:
	case ENODEV:
	case ENOENT:
	case EPERM:
	case ESTALE:
		return NULL;
	}
	/* numbers of libbpf's own are about a file, not a kernel */
	if (-err >= LIBBPF_ERRORS || verbose >= 2)
		return NULL;
	return "-vv shows what the kernel and libxdp report";
}

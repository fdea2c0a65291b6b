// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hints by the error number, and the commands for what the library advises.
 */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>

#include "common/hint.h"

#define LIBBPF_ERRORS 4000 /* the first of libbpf's error numbers */

void hint_complete(void *data, enum xdpdrop_hint hint, const char *path, char *text, size_t size)
{
	(void)data;
	switch (hint) {
	case XDPDROP_HINT_MOUNT_BPFFS:
		snprintf(text, size, "mount -t bpf bpf %s", path);
		break;
	case XDPDROP_HINT_HOST_MOUNTS:
		snprintf(text, size, "nsenter --net=/run/netns/NAME");
		break;
	case XDPDROP_HINT_OTHER_MOUNTS:
		snprintf(text, size, "nsenter --mount=/proc/PID/ns/mnt");
		break;
	}
}

const char *hint_after(int err, unsigned int verbose)
{
	switch (-err) {
	case EOWNERDEAD:
		return "'xdpdrop-loader clean' removes what a dead session has left";
	case ENOMEM:
		return "smaller ring buffers (-B) take less memory";
	case EMFILE:
	case ENFILE:
		return "'ulimit -n' raises the limit of open files";
	case ENOENT:
	case ENODEV:
		return "xdpdrop-capture -D lists interfaces, and what can be captured there";
	/* the message suffices */
	case 0:
	case EBUSY:
	case EINVAL:
	case EPERM:
	case ESTALE:
		return NULL;
	}
	/* libbpf's own errors concern a file, not the kernel */
	if (-err >= LIBBPF_ERRORS || verbose >= 2)
		return NULL;
	return "-vv shows what the kernel and libxdp report";
}

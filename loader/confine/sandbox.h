/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Limits the system calls of the process that handles frames.
 */
#ifndef XDPDROP_SANDBOX_H
#define XDPDROP_SANDBOX_H

#include "common/report.h"

/* What a process needs beyond reading rings and writing files. */
enum sandbox_use {
	SANDBOX_LISTENS = 1 << 0, /* accepts clients */
	SANDBOX_DRAWS = 1 << 1,	  /* has a screen on a terminal */
	SANDBOX_HTTP = 1 << 2,	  /* by libmicrohttpd; includes SANDBOX_LISTENS */
	SANDBOX_THREADS = 1 << 3, /* starts threads */
};

/*
 * From here on, any system call kills this process that is not needed to read rings and write
 * files, or for @uses, bits of enum sandbox_use. Needs no_new_privs. 0, also with a warning where
 * the kernel does not support such a filter; or -errno, reported.
 */
int sandbox_enter(unsigned int uses, struct report *report);

#endif

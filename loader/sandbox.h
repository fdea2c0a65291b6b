/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Limits the system calls of the process that handles frames.
 */
#ifndef XDPDROP_SANDBOX_H
#define XDPDROP_SANDBOX_H

#include <stdbool.h>

#include "report.h"

/*
 * From here on, any system call kills this process that is not needed to read rings and write
 * files, or with @listens to accept clients. Needs no_new_privs. 0, also with a warning where the
 * kernel does not support such a filter; or -errno, reported.
 */
int sandbox_enter(bool listens, struct report *report);

#endif

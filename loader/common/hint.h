/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Hints in terms of the tools' options and of a shell: the library's messages name neither.
 */
#ifndef XDPDROP_HINT_H
#define XDPDROP_HINT_H

#include <xdpdrop/xdpdrop.h>

/* An xdpdrop_hint_fn: writes the command that follows the library's advice. */
void hint_complete(void *data, enum xdpdrop_hint hint, const char *path, char *text, size_t size);

/* The hint for -errno @err. @verbose: number of -v options. NULL: none. */
const char *hint_after(int err, unsigned int verbose);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Saves the log of the kernel's verifier.
 */
#ifndef XDPDROP_REFUSAL_H
#define XDPDROP_REFUSAL_H

#include <stddef.h>

#define REFUSAL_PATH_SIZE 256

/*
 * Save @text in a new temporary file with mode 0600. @path gets its name, also on failure as far as
 * it is known. 0 or -errno.
 */
int refusal_save(const char *text, char *path, size_t size);

#endif

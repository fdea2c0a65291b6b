/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the kernel's verifier said, kept for a person to read.
 */
#ifndef XDPDROP_REFUSAL_H
#define XDPDROP_REFUSAL_H

#include <stddef.h>

#define REFUSAL_PATH_SIZE 256

/*
 * Save @text in a new file of the directory for temporary files, readable for its owner only.
 * @path gets its name, also on failure, as far as it was known. 0 or -errno.
 */
int refusal_save(const char *text, char *path, size_t size);

#endif

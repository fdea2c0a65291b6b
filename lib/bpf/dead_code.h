/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Removes instructions that never run with a program's constants. The verifier would do so, too,
 * but each time that the program is loaded, and it moves all later instructions for each piece.
 */
#ifndef XDPDROP_BPF_DEAD_CODE_H
#define XDPDROP_BPF_DEAD_CODE_H

#include "bpf/program_image.h"

/*
 * @image has its constants. @fixed: those that stay as they are, one bit each; only by these,
 * branches are decided. Errors, with an unchanged image: -ENOMEM; -EOPNOTSUPP: the program has
 * functions or long jumps.
 */
int dead_code_remove(struct program_image *image, __u32 fixed);

#endif

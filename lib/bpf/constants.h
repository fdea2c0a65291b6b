/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Puts constants into the instructions of a capture program: see
 * xdp-dispatcher-hook/program_constants.h.
 */
#ifndef XDPDROP_BPF_CONSTANTS_H
#define XDPDROP_BPF_CONSTANTS_H

#include <bpf/libbpf.h>

#include "program_constants.h"

/* Index of the constant that @insn, of a program without a filter, stands for, or -1. */
int constants_index(const struct bpf_insn *insn);

/* Make @insn move the constant with @index. */
void constants_set(struct bpf_insn *insn, unsigned int index,
		   const struct xdpdrop_constants *constants);

/*
 * @program: opened, not yet loaded, without a filter: an instruction of a filter could look like a
 * mark. 0 or -errno.
 */
int constants_put(struct bpf_program *program, const struct xdpdrop_constants *constants);

#endif

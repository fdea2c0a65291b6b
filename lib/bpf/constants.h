/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Puts constants into the instructions of a capture program: see
 * xdp-dispatcher-hook/program_constants.h.
 */
#ifndef XDPDROP_BPF_CONSTANTS_H
#define XDPDROP_BPF_CONSTANTS_H

#include <bpf/libbpf.h>

#include "program_constants.h"

/*
 * @program: opened, not yet loaded, without a filter: an instruction of a filter could look like a
 * mark. 0 or -errno.
 */
int constants_put(struct bpf_program *program, const struct xdpdrop_constants *constants);

#endif

/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Puts generated code into a BPF program that is opened and not yet loaded.
 */
#ifndef XDPDROP_FILTER_INJECT_H
#define XDPDROP_FILTER_INJECT_H

#include "filter/cbpf.h"

struct bpf_program;

/*
 * Make @program run @code at its mark (see filter_call.h). Errors: -ENOENT: the program does not
 * have exactly one mark; -E2BIG: the jump from the mark to the code or back is too long; -ENOMEM;
 * -EBUSY: it is loaded.
 */
int inject(struct bpf_program *program, const struct cbpf_code *code);

#endif

// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Each mark is replaced in place, so that relocations and line numbers stay valid.
 */
#include "bpf/constants.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

static bool constants_is_mark(const struct bpf_insn *insn)
{
	return insn->code == (BPF_ALU64 | BPF_MOV | BPF_K) &&
	       (__u32)insn->imm - XDPDROP_CONSTANT_MARK < XDPDROP_CONSTANT_COUNT;
}

int constants_put(struct bpf_program *program, const struct xdpdrop_constants *constants)
{
	const struct bpf_insn *old = bpf_program__insns(program);
	size_t count = bpf_program__insn_cnt(program);
	CLEANUP_FREE struct bpf_insn *insns = malloc(count * sizeof(*insns));
	__u32 values[XDPDROP_CONSTANT_COUNT];

	if (!insns)
		return -ENOMEM;
	memcpy(values, constants, sizeof(values));
	memcpy(insns, old, count * sizeof(*insns));
	for (size_t i = 0; i < count; i++) {
		if (!constants_is_mark(&insns[i]))
			continue;
		insns[i].imm = values[insns[i].imm - XDPDROP_CONSTANT_MARK];
		/* a move of 32 bits does not extend the sign */
		insns[i].code = BPF_ALU | BPF_MOV | BPF_K;
	}
	return bpf_program__set_insns(program, insns, count);
}

// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Each mark is replaced in place, so that relocations and line numbers stay valid.
 */
#include "bpf/constants.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

int constants_index(const struct bpf_insn *insn)
{
	__u32 index = (__u32)insn->imm - XDPDROP_CONSTANT_MARK;

	return insn->code == (BPF_ALU64 | BPF_MOV | BPF_K) && index < XDPDROP_CONSTANT_COUNT ?
		       (int)index :
		       -1;
}

void constants_set(struct bpf_insn *insn, unsigned int index,
		   const struct xdpdrop_constants *constants)
{
	__u32 value;

	memcpy(&value, (const char *)constants + index * sizeof(value), sizeof(value));
	/* a move of 32 bits does not extend the sign */
	insn->code = BPF_ALU | BPF_MOV | BPF_K;
	insn->imm = value;
}

int constants_put(struct bpf_program *program, const struct xdpdrop_constants *constants)
{
	const struct bpf_insn *old = bpf_program__insns(program);
	size_t count = bpf_program__insn_cnt(program);
	CLEANUP_FREE struct bpf_insn *insns = malloc(count * sizeof(*insns));

	if (!insns)
		return -ENOMEM;
	memcpy(insns, old, count * sizeof(*insns));
	for (size_t i = 0; i < count; i++)
		if (constants_index(&old[i]) >= 0)
			constants_set(&insns[i], constants_index(&old[i]), constants);
	return bpf_program__set_insns(program, insns, count);
}

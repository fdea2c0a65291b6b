// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Owns a growing array of instructions and the jumps in it.
 */
#include "filter/ebpf.h"

#include <errno.h>
#include <stdlib.h>

struct ebpf_jump {
	__u32 at;    /* index of the jump */
	__u32 label; /* target */
};

static void *ebpf_grow(struct ebpf *code, void *array, size_t used, size_t *room, size_t size)
{
	size_t more = *room ? *room * 2 : 256;
	void *grown;

	if (code->error)
		return NULL;
	if (used < *room)
		return array;
	grown = reallocarray(array, more, size);
	if (!grown)
		code->error = -ENOMEM;
	else
		*room = more;
	return grown;
}

void ebpf_start(struct ebpf *code, size_t labels)
{
	*code = (struct ebpf){ .label_count = labels, .label_room = labels };
	code->labels = labels ? calloc(labels, sizeof(*code->labels)) : NULL;
	if (labels && !code->labels)
		code->error = -ENOMEM;
}

__u32 ebpf_label(struct ebpf *code)
{
	__u32 *labels = ebpf_grow(code, code->labels, code->label_count, &code->label_room,
				  sizeof(*labels));

	if (!labels)
		return 0;
	code->labels = labels;
	return code->label_count++;
}

void ebpf_emit(struct ebpf *code, int op, int dst, int src, int off, __u32 imm)
{
	struct bpf_insn *insns =
		ebpf_grow(code, code->insns, code->count, &code->room, sizeof(*insns));

	if (!insns)
		return;
	code->insns = insns;
	insns[code->count++] = (struct bpf_insn){
		.code = op, .dst_reg = dst, .src_reg = src, .off = off, .imm = (__s32)imm
	};
}

void ebpf_jump_if(struct ebpf *code, int op, int dst, int src, __u32 imm, __u32 label)
{
	struct ebpf_jump *jumps =
		ebpf_grow(code, code->jumps, code->jump_count, &code->jump_room, sizeof(*jumps));

	if (!jumps)
		return;
	code->jumps = jumps;
	jumps[code->jump_count++] = (struct ebpf_jump){ .at = code->count, .label = label };
	ebpf_emit(code, op, dst, src, 0, imm);
}

void ebpf_jump(struct ebpf *code, __u32 label)
{
	ebpf_jump_if(code, BPF_JMP | BPF_JA, 0, 0, 0, label);
}

int ebpf_opposite(int op)
{
	static const struct {
		__u8 one, other;
	} pairs[] = { { BPF_JEQ, BPF_JNE }, { BPF_JGT, BPF_JLE }, { BPF_JGE, BPF_JLT } };

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		if (BPF_OP(op) == pairs[i].one)
			return (op & ~0xf0) | pairs[i].other;
		if (BPF_OP(op) == pairs[i].other)
			return (op & ~0xf0) | pairs[i].one;
	}
	return -1;
}

void ebpf_leave_if(struct ebpf *code, int op, int dst, int src, __u32 imm, __u32 label)
{
	__u32 around = ebpf_label(code);

	if (ebpf_opposite(op) < 0) {
		ebpf_jump_if(code, op, dst, src, imm, label);
		return;
	}
	ebpf_jump_if(code, ebpf_opposite(op), dst, src, imm, around);
	ebpf_jump(code, label);
	ebpf_place(code, around);
}

void ebpf_place(struct ebpf *code, __u32 label)
{
	if (!code->error)
		code->labels[label] = code->count;
}

void ebpf_set_imm(struct ebpf *code, int dst, __u32 imm)
{
	ebpf_emit(code, BPF_ALU | BPF_MOV | BPF_K, dst, 0, 0, imm);
}

void ebpf_set_reg(struct ebpf *code, int dst, int src)
{
	ebpf_emit(code, BPF_ALU64 | BPF_MOV | BPF_X, dst, src, 0, 0);
}

void ebpf_set_sum(struct ebpf *code, int dst, int src, __s32 imm)
{
	ebpf_set_reg(code, dst, src);
	ebpf_emit(code, BPF_ALU64 | BPF_ADD | BPF_K, dst, 0, 0, imm);
}

void ebpf_add(struct ebpf *code, int dst, int src)
{
	ebpf_emit(code, BPF_ALU64 | BPF_ADD | BPF_X, dst, src, 0, 0);
}

void ebpf_load(struct ebpf *code, int size, int dst, int base, int off)
{
	ebpf_emit(code, BPF_LDX | BPF_MEM | size, dst, base, off, 0);
}

void ebpf_store(struct ebpf *code, int size, int base, int off, int src)
{
	ebpf_emit(code, BPF_STX | BPF_MEM | size, base, src, off, 0);
}

void ebpf_call(struct ebpf *code, int helper)
{
	ebpf_emit(code, BPF_JMP | BPF_CALL, 0, 0, 0, helper);
}

/* Set the offset of each jump. Returns the absolute value of the longest. */
static size_t ebpf_resolve(struct ebpf *code)
{
	size_t widest = 0;

	for (size_t i = 0; i < code->jump_count; i++) {
		struct bpf_insn *insn = &code->insns[code->jumps[i].at];
		long off = (long)code->labels[code->jumps[i].label] - code->jumps[i].at - 1;
		size_t width = labs(off);

		widest = width > widest ? width : widest;
		insn->off = off;
	}
	return widest;
}

int ebpf_finish(struct ebpf *code, size_t *jump)
{
	size_t widest = code->error ? 0 : ebpf_resolve(code);

	if (widest > EBPF_MAX_JUMP) {
		*jump = widest;
		code->error = -E2BIG;
	}
	free(code->jumps);
	free(code->labels);
	code->jumps = NULL;
	code->labels = NULL;
	if (code->error) {
		free(code->insns);
		code->insns = NULL;
	}
	return code->error;
}

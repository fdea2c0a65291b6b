/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Runs generated code in user space, as strictly as the verifier would judge it: every register
 * and byte of stack is written before it is read, every access lies within the context, the
 * stack or the frame, and every instruction can be reached. Aborts otherwise.
 */
#ifndef XDPDROP_EBPF_RUN_H
#define XDPDROP_EBPF_RUN_H

#include <linux/bpf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "filter/cbpf.h"
#include "filter_call.h"

/* Addresses that the code sees. */
#define RUN_CONTEXT 0x10000000ULL
#define RUN_STACK 0x20000000ULL
#define RUN_FRAME 0x30000000ULL

struct run {
	const struct cbpf_code *code;
	const __u8 *frame;
	__u32 size, linear;
	__u64 reg[11];
	__u32 known; /* bit n: rn has been written */
	__u8 stack[XDPDROP_FILTER_SCRATCH];
	bool written[XDPDROP_FILTER_SCRATCH];
};

static inline void run_check(bool condition)
{
	if (!condition)
		abort();
}

static inline __u64 run_read(struct run *run, int reg)
{
	run_check(run->known & 1U << reg);
	return run->reg[reg];
}

static inline void run_write(struct run *run, int reg, __u64 value)
{
	run->known |= 1U << reg;
	run->reg[reg] = value;
}

static inline __u32 run_bytes(const struct bpf_insn *insn)
{
	static const __u8 bytes[] = { [BPF_W >> 3] = 4, [BPF_H >> 3] = 2, [BPF_B >> 3] = 1,
				      [BPF_DW >> 3] = 8 };

	return bytes[BPF_SIZE(insn->code) >> 3];
}

static inline __u64 run_load_context(const struct run *run, __u64 offset, __u32 size)
{
	run_check(size == 4 && (offset == 0 || offset == 4));
	return RUN_FRAME + (offset ? run->linear : 0);
}

static inline void run_load(struct run *run, const struct bpf_insn *insn)
{
	__u64 address = run_read(run, insn->src_reg) + insn->off, value = 0;
	__u32 size = run_bytes(insn);

	if (address >= RUN_FRAME) {
		run_check(address - RUN_FRAME + size <= run->linear);
		memcpy(&value, run->frame + (address - RUN_FRAME), size);
	} else if (address >= RUN_STACK) {
		run_check(address - RUN_STACK + size <= sizeof(run->stack));
		run_check(address % size == 0);
		for (__u32 i = 0; i < size; i++)
			run_check(run->written[address - RUN_STACK + i]);
		memcpy(&value, run->stack + (address - RUN_STACK), size);
	} else {
		value = run_load_context(run, address - RUN_CONTEXT, size);
	}
	run_write(run, insn->dst_reg, value);
}

static inline void run_fill(struct run *run, __u64 address, const void *bytes, __u32 size)
{
	run_check(address >= RUN_STACK && address - RUN_STACK + size <= sizeof(run->stack));
	memcpy(run->stack + (address - RUN_STACK), bytes, size);
	memset(run->written + (address - RUN_STACK), true, size);
}

static inline void run_store(struct run *run, const struct bpf_insn *insn)
{
	__u64 value = run_read(run, insn->src_reg);
	__u64 address = run_read(run, insn->dst_reg) + insn->off;

	run_check(address % run_bytes(insn) == 0);
	run_fill(run, address, &value, run_bytes(insn));
}

/* bpf_xdp_load_bytes(r1, r2, r3, r4) */
static inline void run_call(struct run *run, const struct bpf_insn *insn)
{
	__u32 offset, size;

	run_check(insn->imm == BPF_FUNC_xdp_load_bytes && run_read(run, 1) == RUN_CONTEXT);
	offset = run_read(run, 2);
	size = run_read(run, 4);
	run_check(size && run_read(run, 2) <= 0xffff);
	if (offset + size <= run->size)
		run_fill(run, run_read(run, 3), run->frame + offset, size);
	run_write(run, 0, offset + size <= run->size ? 0 : -22ULL);
	run->known &= ~0x3eU;
}

static inline __u64 run_operate(int op, __u64 a, __u64 b, int bits)
{
	switch (op) {
	case BPF_ADD:
		return a + b;
	case BPF_SUB:
		return a - b;
	case BPF_MUL:
		return a * b;
	case BPF_DIV:
		run_check((__u32)b);
		return (__u32)a / (__u32)b;
	case BPF_MOD:
		run_check((__u32)b);
		return (__u32)a % (__u32)b;
	case BPF_AND:
		return a & b;
	case BPF_OR:
		return a | b;
	case BPF_XOR:
		return a ^ b;
	case BPF_LSH:
		run_check(b < (__u64)bits);
		return a << b;
	case BPF_RSH:
		run_check(b < (__u64)bits);
		return (__u32)a >> b;
	case BPF_NEG:
		return -a;
	case BPF_MOV:
		return b;
	}
	abort();
}

static inline void run_swap(struct run *run, const struct bpf_insn *insn)
{
	__u64 value = run_read(run, insn->dst_reg);

	run_check(insn->code == (BPF_ALU | BPF_END | BPF_TO_BE));
	run_write(run, insn->dst_reg, insn->imm == 16 ? __builtin_bswap16(value) :
							__builtin_bswap32(value));
}

static inline void run_alu(struct run *run, const struct bpf_insn *insn)
{
	bool wide = BPF_CLASS(insn->code) == BPF_ALU64;
	int op = BPF_OP(insn->code);
	__u64 a = op == BPF_MOV ? 0 : run_read(run, insn->dst_reg);
	__u64 b = BPF_SRC(insn->code) == BPF_X ? run_read(run, insn->src_reg) : (__u64)insn->imm;
	__u64 result;

	if (!wide)
		b = (__u32)b;
	result = run_operate(op, a, b, wide ? 64 : 32);
	run_write(run, insn->dst_reg, wide ? result : (__u32)result);
}

static inline bool run_compare(struct run *run, const struct bpf_insn *insn)
{
	__u64 a = run_read(run, insn->dst_reg);
	__u64 b = BPF_SRC(insn->code) == BPF_X ? run_read(run, insn->src_reg) : (__u64)insn->imm;

	if (BPF_CLASS(insn->code) == BPF_JMP32) {
		a = (__u32)a;
		b = (__u32)b;
	}
	switch (BPF_OP(insn->code)) {
	case BPF_JEQ:
		return a == b;
	case BPF_JNE:
		return a != b;
	case BPF_JGT:
		return a > b;
	case BPF_JGE:
		return a >= b;
	case BPF_JLT:
		return a < b;
	case BPF_JLE:
		return a <= b;
	case BPF_JSET:
		return a & b;
	}
	abort();
}

/* Runs one instruction; returns the next. */
static inline size_t run_step(struct run *run, size_t at)
{
	const struct bpf_insn *insn = &run->code->insns[at];
	int class = BPF_CLASS(insn->code), op = BPF_OP(insn->code);
	bool taken = false;

	if (class == BPF_LDX)
		run_load(run, insn);
	else if (class == BPF_STX)
		run_store(run, insn);
	else if (op == BPF_END && class == BPF_ALU)
		run_swap(run, insn);
	else if (class == BPF_ALU || class == BPF_ALU64)
		run_alu(run, insn);
	else if (class == BPF_JMP && op == BPF_CALL)
		run_call(run, insn);
	else if (class == BPF_JMP && op == BPF_JA)
		taken = true;
	else
		taken = run_compare(run, insn);
	return at + 1 + (taken ? insn->off : 0);
}

/* What the code returns in r0. */
static inline __u64 run_code(const struct cbpf_code *code, const void *frame, __u32 size,
			     __u32 linear)
{
	struct run run = { .code = code, .frame = frame, .size = size, .linear = linear };
	size_t at = 0;

	run_write(&run, 1, RUN_CONTEXT);
	run_write(&run, 2, size);
	run_write(&run, 3, RUN_STACK);
	while (at != code->back) {
		run_check(at < code->count);
		at = run_step(&run, at);
	}
	return run_read(&run, 0);
}

/* Each instruction can be reached and none runs out of the code. */
static inline void run_check_flow(const struct cbpf_code *code)
{
	size_t *work = calloc(2 * code->count + 1, sizeof(*work)), todo = 1;
	bool *seen = calloc(code->count, sizeof(*seen));

	run_check(work && seen);
	while (todo) {
		size_t at = work[--todo];
		const struct bpf_insn *insn;
		int class, op;

		run_check(at < code->count);
		if (seen[at])
			continue;
		seen[at] = true;
		insn = &code->insns[at];
		class = BPF_CLASS(insn->code);
		op = BPF_OP(insn->code);
		if (at == code->back)
			continue;
		if ((class == BPF_JMP && op != BPF_CALL) || class == BPF_JMP32)
			work[todo++] = at + 1 + insn->off;
		if (class != BPF_JMP || op != BPF_JA)
			work[todo++] = at + 1;
	}
	for (size_t at = 0; at < code->count; at++)
		run_check(seen[at]);
	free(seen);
	free(work);
}

#endif

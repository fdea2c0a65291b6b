// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Prints the instructions that ebpf.c writes. Of others it prints the bytes.
 */
#include "filter/ebpf_print.h"

#include <stdio.h>

struct line {
	char *text;
	const struct bpf_insn *insn;
	char width; /* 'r' 64 bits, 'w' 32 bits */
	size_t to;  /* target of a jump */
};

static const char *const alu[16] = {
	[BPF_ADD >> 4] = "+=",	[BPF_SUB >> 4] = "-=",	[BPF_MUL >> 4] = "*=",
	[BPF_DIV >> 4] = "/=",	[BPF_OR >> 4] = "|=",	[BPF_AND >> 4] = "&=",
	[BPF_LSH >> 4] = "<<=", [BPF_RSH >> 4] = ">>=", [BPF_MOD >> 4] = "%=",
	[BPF_XOR >> 4] = "^=",	[BPF_MOV >> 4] = "=",
};

static const char *const conditions[16] = {
	[BPF_JEQ >> 4] = "==", [BPF_JNE >> 4] = "!=", [BPF_JGT >> 4] = ">",  [BPF_JGE >> 4] = ">=",
	[BPF_JLT >> 4] = "<",  [BPF_JLE >> 4] = "<=", [BPF_JSET >> 4] = "&",
};

static const char *ebpf_print_size_name(int size)
{
	switch (size) {
	case BPF_B:
		return "u8";
	case BPF_H:
		return "u16";
	case BPF_W:
		return "u32";
	}
	return "u64";
}

#define PRINT(line, ...) snprintf((line)->text, EBPF_PRINT_SIZE, __VA_ARGS__)

static void ebpf_print_print_raw(const struct line *line)
{
	const struct bpf_insn *insn = line->insn;

	PRINT(line, "code %#x dst %d src %d off %d imm %#x", insn->code, insn->dst_reg,
	      insn->src_reg, insn->off, insn->imm);
}

static void ebpf_print_print_alu(const struct line *line)
{
	const struct bpf_insn *insn = line->insn;
	const char *op = alu[BPF_OP(insn->code) >> 4];

	if (BPF_OP(insn->code) == BPF_END)
		PRINT(line, "r%d = be%d r%d", insn->dst_reg, insn->imm, insn->dst_reg);
	else if (BPF_OP(insn->code) == BPF_NEG)
		PRINT(line, "%c%d = -%c%d", line->width, insn->dst_reg, line->width, insn->dst_reg);
	else if (!op)
		ebpf_print_print_raw(line);
	else if (BPF_SRC(insn->code) == BPF_X)
		PRINT(line, "%c%d %s %c%d", line->width, insn->dst_reg, op, line->width,
		      insn->src_reg);
	else
		PRINT(line, "%c%d %s %#x", line->width, insn->dst_reg, op, insn->imm);
}

static void ebpf_print_print_condition(const struct line *line)
{
	const struct bpf_insn *insn = line->insn;
	const char *op = conditions[BPF_OP(insn->code) >> 4];

	if (!op)
		ebpf_print_print_raw(line);
	else if (BPF_SRC(insn->code) == BPF_X)
		PRINT(line, "if %c%d %s %c%d goto %zu", line->width, insn->dst_reg, op, line->width,
		      insn->src_reg, line->to);
	else
		PRINT(line, "if %c%d %s %#x goto %zu", line->width, insn->dst_reg, op, insn->imm,
		      line->to);
}

static void ebpf_print_print_jump(const struct line *line)
{
	const struct bpf_insn *insn = line->insn;

	if (BPF_OP(insn->code) == BPF_CALL)
		PRINT(line, "call %d", insn->imm);
	else if (BPF_OP(insn->code) == BPF_JA)
		PRINT(line, "goto %zu", line->to);
	else
		ebpf_print_print_condition(line);
}

static void ebpf_print_print_body(const struct line *line)
{
	const struct bpf_insn *insn = line->insn;
	const char *size = ebpf_print_size_name(BPF_SIZE(insn->code));

	switch (BPF_CLASS(insn->code)) {
	case BPF_ALU:
	case BPF_ALU64:
		ebpf_print_print_alu(line);
		break;
	case BPF_JMP:
	case BPF_JMP32:
		ebpf_print_print_jump(line);
		break;
	case BPF_LDX:
		PRINT(line, "r%d = *(%s *)(r%d %+d)", insn->dst_reg, size, insn->src_reg,
		      insn->off);
		break;
	case BPF_STX:
		PRINT(line, "*(%s *)(r%d %+d) = r%d", size, insn->dst_reg, insn->off,
		      insn->src_reg);
		break;
	default:
		ebpf_print_print_raw(line);
	}
}

void ebpf_print(char text[EBPF_PRINT_SIZE], const struct bpf_insn *insn, size_t at)
{
	char body[EBPF_PRINT_SIZE];
	int class = BPF_CLASS(insn->code);
	struct line line = {
		.text = body,
		.insn = insn,
		.width = class == BPF_ALU || class == BPF_JMP32 ? 'w' : 'r',
		.to = at + 1 + insn->off,
	};

	ebpf_print_print_body(&line);
	snprintf(text, EBPF_PRINT_SIZE, "(%03zu) %.60s", at, body);
}

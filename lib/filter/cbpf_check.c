// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Accepts the classic BPF programs that libpcap's bpf_validate() accepts, including backward jumps,
 * except for loads of Linux ancillary data.
 */
#include <errno.h>

#include "filter/cbpf.h"

static int cbpf_check_fail(struct cbpf_error *error, int code, size_t at, const char *why)
{
	*error = (struct cbpf_error){ .why = why, .at = at };
	return code;
}

static int cbpf_check_check_load(const struct sock_filter *insn, size_t at,
				 struct cbpf_error *error)
{
	switch (BPF_MODE(insn->code)) {
	case BPF_ABS:
	case BPF_IND:
	case BPF_MSH:
		if (insn->k >= 1U << 31)
			return cbpf_check_fail(
				error, -EOPNOTSUPP, at,
				"load from a negative offset (Linux' ancillary data)");
		return 0;
	case BPF_MEM:
		if (insn->k >= BPF_MEMWORDS)
			return cbpf_check_fail(error, -EINVAL, at,
					       "no such word of scratch memory");
	}
	return 0;
}

static int cbpf_check_check_alu(const struct sock_filter *insn, size_t at, struct cbpf_error *error)
{
	if (BPF_SRC(insn->code) != BPF_K)
		return 0;
	switch (BPF_OP(insn->code)) {
	case BPF_DIV:
	case BPF_MOD:
		if (!insn->k)
			return cbpf_check_fail(error, -EINVAL, at, "division by a constant 0");
		return 0;
	case BPF_LSH:
	case BPF_RSH:
		if (insn->k > 31)
			return cbpf_check_fail(error, -EINVAL, at, "shift by a constant above 31");
	}
	return 0;
}

static int cbpf_check_check_jump(const struct sock_filter *insn, size_t at, size_t count,
				 struct cbpf_error *error)
{
	size_t next = at + 1;

	if (BPF_OP(insn->code) != BPF_JA) {
		if (next + insn->jt < count && next + insn->jf < count)
			return 0;
	} else if ((__s64)next + (__s32)insn->k >= 0 &&
		   (__s64)next + (__s32)insn->k < (__s64)count) {
		return 0;
	}
	return cbpf_check_fail(error, -EINVAL, at, "jump out of the program");
}

static int cbpf_check_check_code(const struct sock_filter *insn, size_t at,
				 struct cbpf_error *error)
{
	switch (insn->code) {
	case BPF_RET | BPF_K:
	case BPF_RET | BPF_A:
	case BPF_LD | BPF_W | BPF_ABS:
	case BPF_LD | BPF_H | BPF_ABS:
	case BPF_LD | BPF_B | BPF_ABS:
	case BPF_LD | BPF_W | BPF_IND:
	case BPF_LD | BPF_H | BPF_IND:
	case BPF_LD | BPF_B | BPF_IND:
	case BPF_LDX | BPF_MSH | BPF_B:
	case BPF_LD | BPF_W | BPF_LEN:
	case BPF_LDX | BPF_W | BPF_LEN:
	case BPF_LD | BPF_IMM:
	case BPF_LDX | BPF_IMM:
	case BPF_LD | BPF_MEM:
	case BPF_LDX | BPF_MEM:
	case BPF_ST:
	case BPF_STX:
	case BPF_JMP | BPF_JA:
	case BPF_JMP | BPF_JEQ | BPF_K:
	case BPF_JMP | BPF_JEQ | BPF_X:
	case BPF_JMP | BPF_JGT | BPF_K:
	case BPF_JMP | BPF_JGT | BPF_X:
	case BPF_JMP | BPF_JGE | BPF_K:
	case BPF_JMP | BPF_JGE | BPF_X:
	case BPF_JMP | BPF_JSET | BPF_K:
	case BPF_JMP | BPF_JSET | BPF_X:
	case BPF_ALU | BPF_ADD | BPF_K:
	case BPF_ALU | BPF_ADD | BPF_X:
	case BPF_ALU | BPF_SUB | BPF_K:
	case BPF_ALU | BPF_SUB | BPF_X:
	case BPF_ALU | BPF_MUL | BPF_K:
	case BPF_ALU | BPF_MUL | BPF_X:
	case BPF_ALU | BPF_DIV | BPF_K:
	case BPF_ALU | BPF_DIV | BPF_X:
	case BPF_ALU | BPF_MOD | BPF_K:
	case BPF_ALU | BPF_MOD | BPF_X:
	case BPF_ALU | BPF_AND | BPF_K:
	case BPF_ALU | BPF_AND | BPF_X:
	case BPF_ALU | BPF_OR | BPF_K:
	case BPF_ALU | BPF_OR | BPF_X:
	case BPF_ALU | BPF_XOR | BPF_K:
	case BPF_ALU | BPF_XOR | BPF_X:
	case BPF_ALU | BPF_LSH | BPF_K:
	case BPF_ALU | BPF_LSH | BPF_X:
	case BPF_ALU | BPF_RSH | BPF_K:
	case BPF_ALU | BPF_RSH | BPF_X:
	case BPF_ALU | BPF_NEG:
	case BPF_MISC | BPF_TAX:
	case BPF_MISC | BPF_TXA:
		return 0;
	}
	return cbpf_check_fail(error, -EINVAL, at, "unknown instruction");
}

static int cbpf_check_check_operand(const struct sock_filter *insn, size_t at, size_t count,
				    struct cbpf_error *error)
{
	switch (BPF_CLASS(insn->code)) {
	case BPF_LD:
	case BPF_LDX:
		return cbpf_check_check_load(insn, at, error);
	case BPF_ST:
	case BPF_STX:
		if (insn->k >= BPF_MEMWORDS)
			return cbpf_check_fail(error, -EINVAL, at,
					       "no such word of scratch memory");
		return 0;
	case BPF_ALU:
		return cbpf_check_check_alu(insn, at, error);
	case BPF_JMP:
		return cbpf_check_check_jump(insn, at, count, error);
	}
	return 0;
}

int cbpf_check(const struct sock_filter *program, size_t count, struct cbpf_error *error)
{
	int err;

	if (!count)
		return cbpf_check_fail(error, -EINVAL, 0, "empty program");
	for (size_t at = 0; at < count; at++) {
		err = cbpf_check_check_code(&program[at], at, error);
		if (!err)
			err = cbpf_check_check_operand(&program[at], at, count, error);
		if (err)
			return err;
	}
	if (BPF_CLASS(program[count - 1].code) != BPF_RET)
		return cbpf_check_fail(error, -EINVAL, count - 1, "does not end with a return");
	return 0;
}

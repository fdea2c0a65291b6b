// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Decides branches that compare a constant with a number, and drops what is then not reached, moves
 * of constants that nothing reads, and jumps to the next instruction or to another jump.
 */
#include "bpf/dead_code.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "bpf/insn.h"

struct dead_code_insn {
	__u32 target;	/* index to which the instruction jumps */
	__u32 seen;	/* number of the walk that was here last */
	__u32 moved_to; /* its index at the end, or that of the next one that stays */
	bool entered;	/* a jump leads here */
	bool reached;
	bool blank; /* does nothing */
};

struct dead_code {
	struct bpf_insn *insns;
	size_t count;
	struct dead_code_insn *about;
	__u32 *stack; /* indices to continue a walk at */
	__u32 walks;
};

static bool dead_code_is_wide(const struct bpf_insn *insn)
{
	return insn->code == (BPF_LD | BPF_IMM | BPF_DW);
}

static bool dead_code_is_jump(const struct bpf_insn *insn)
{
	__u8 class = BPF_CLASS(insn->code), op = BPF_OP(insn->code);

	return (class == BPF_JMP || class == BPF_JMP32) && op != BPF_CALL && op != BPF_EXIT;
}

static bool dead_code_is_goto(const struct bpf_insn *insn)
{
	return insn->code == (BPF_JMP | BPF_JA);
}

static bool dead_code_is_known(const struct bpf_insn *insn)
{
	if (insn->code == (BPF_JMP | BPF_CALL))
		return insn->src_reg != BPF_PSEUDO_CALL;
	if (dead_code_is_wide(insn))
		return insn->src_reg <= BPF_PSEUDO_MAP_VALUE;
	return insn->code != (BPF_JMP32 | BPF_JA);
}

/* Atomic operations and loads of classic BPF may use other registers, too. */
static bool dead_code_reads(const struct bpf_insn *insn, int reg)
{
	bool first = insn->dst_reg == reg;
	bool second = insn->src_reg == reg && BPF_SRC(insn->code) == BPF_X;

	switch (BPF_CLASS(insn->code)) {
	case BPF_ALU:
	case BPF_ALU64:
		return second || (first && BPF_OP(insn->code) != BPF_MOV);
	case BPF_LDX:
		return insn->src_reg == reg;
	case BPF_ST:
		return first;
	case BPF_STX:
		return first || insn->src_reg == reg || BPF_MODE(insn->code) != BPF_MEM;
	case BPF_LD:
		return !dead_code_is_wide(insn);
	}
	switch (BPF_OP(insn->code)) {
	case BPF_CALL:
		return reg >= BPF_REG_1 && reg <= BPF_REG_5;
	case BPF_EXIT:
		return reg == BPF_REG_0;
	case BPF_JA:
		return false;
	}
	return first || second;
}

static bool dead_code_writes(const struct bpf_insn *insn, int reg)
{
	switch (BPF_CLASS(insn->code)) {
	case BPF_ALU:
	case BPF_ALU64:
	case BPF_LDX:
	case BPF_LD:
		return insn->dst_reg == reg;
	}
	return insn->code == (BPF_JMP | BPF_CALL) && reg == BPF_REG_0;
}

static int dead_code_find_jumps(struct dead_code *code)
{
	for (size_t i = 0; i < code->count; i += dead_code_is_wide(&code->insns[i]) ? 2 : 1) {
		const struct bpf_insn *insn = &code->insns[i];
		size_t target = i + 1 + insn->off;

		if (!dead_code_is_known(insn) || (dead_code_is_jump(insn) && target >= code->count))
			return -EOPNOTSUPP;
		if (!dead_code_is_jump(insn))
			continue;
		code->about[i].target = target;
		code->about[target].entered = true;
	}
	return 0;
}

/* Does @insn compare @reg for being equal, or not equal, to a number? */
static bool dead_code_compares(const struct bpf_insn *insn, int reg)
{
	return (insn->code == (BPF_JMP | BPF_JEQ | BPF_K) ||
		insn->code == (BPF_JMP | BPF_JNE | BPF_K)) &&
	       insn->dst_reg == reg;
}

/* Decide the branches behind the move at @at, up to where other code may join. */
static void dead_code_decide(struct dead_code *code, size_t at)
{
	__u64 value = (__u32)code->insns[at].imm;
	int reg = code->insns[at].dst_reg;

	for (size_t i = at + 1; i < code->count && !code->about[i].entered; i++) {
		struct bpf_insn *insn = &code->insns[i];
		bool equal = value == (__u64)(__s64)insn->imm;

		if (dead_code_compares(insn, reg)) {
			code->about[i].blank = equal != (BPF_OP(insn->code) == BPF_JEQ);
			*insn = INSN(BPF_JMP | BPF_JA, 0, 0, insn->off, 0);
		}
		if (dead_code_is_goto(insn) && !code->about[i].blank)
			break;
		if (insn->code == (BPF_JMP | BPF_EXIT) || dead_code_writes(insn, reg))
			break;
		/* helpers clobber their arguments */
		if (insn->code == (BPF_JMP | BPF_CALL) && reg <= BPF_REG_5)
			break;
		i += dead_code_is_wide(insn);
	}
}

/*
 * Walk along all ways from @at. With a @reg, each ends where the register is written; returns
 * whether the register is read on one of them.
 */
static bool dead_code_walk(struct dead_code *code, size_t at, int reg)
{
	size_t depth = 0;

	code->walks++;
	code->stack[depth++] = at;
	while (depth) {
		size_t i = code->stack[--depth];

		while (i < code->count && code->about[i].seen != code->walks) {
			const struct bpf_insn *insn = &code->insns[i];
			struct dead_code_insn *about = &code->about[i];

			about->seen = code->walks;
			if (about->blank) {
				i++;
				continue;
			}
			if (reg >= 0 && dead_code_reads(insn, reg))
				return true;
			if (insn->code == (BPF_JMP | BPF_EXIT) ||
			    (reg >= 0 && dead_code_writes(insn, reg)))
				break;
			if (dead_code_is_jump(insn) && !dead_code_is_goto(insn))
				code->stack[depth++] = about->target;
			i = dead_code_is_goto(insn) ? about->target :
						      i + 1 + dead_code_is_wide(insn);
		}
	}
	return false;
}

static void dead_code_reach(struct dead_code *code)
{
	dead_code_walk(code, 0, -1);
	for (size_t i = 0; i < code->count; i++) {
		code->about[i].reached = code->about[i].seen == code->walks;
		if (code->about[i].reached && dead_code_is_wide(&code->insns[i])) {
			code->about[i + 1].reached = true;
			i++;
		}
	}
}

static bool dead_code_stays(const struct dead_code *code, size_t at)
{
	return code->about[at].reached && !code->about[at].blank;
}

static size_t dead_code_next(const struct dead_code *code, size_t at)
{
	while (at < code->count && !dead_code_stays(code, at))
		at++;
	return at;
}

/* A jump to a jump goes on to its target. The limit ends walks in a circle. */
static void dead_code_shorten_ways(struct dead_code *code)
{
	for (size_t i = 0; i < code->count; i++) {
		if (!dead_code_stays(code, i) || !dead_code_is_jump(&code->insns[i]))
			continue;
		for (int hops = 0; hops < 8; hops++) {
			size_t next = dead_code_next(code, code->about[i].target);
			long way = next < code->count ?
					   (long)code->about[next].target - (long)i - 1 :
					   0;

			if (next == code->count || !dead_code_is_goto(&code->insns[next]) ||
			    way > SHRT_MAX || way < SHRT_MIN)
				break;
			code->about[i].target = code->about[next].target;
		}
	}
}

/* From the end: without one jump, the one before it may lead to the next instruction. */
static void dead_code_drop_jumps(struct dead_code *code)
{
	for (size_t i = code->count; i-- > 0;)
		if (dead_code_stays(code, i) && dead_code_is_goto(&code->insns[i]) &&
		    code->about[i].target > i &&
		    dead_code_next(code, code->about[i].target) == dead_code_next(code, i + 1))
			code->about[i].blank = true;
}

static void dead_code_pack(struct dead_code *code, struct program_image *image)
{
	size_t count = 0;

	for (size_t i = 0; i < code->count; i++) {
		code->about[i].moved_to = count;
		count += dead_code_stays(code, i);
	}
	for (size_t i = 0; i < code->count; i++) {
		size_t to = code->about[i].moved_to;
		struct bpf_insn insn = code->insns[i];

		if (!dead_code_stays(code, i))
			continue;
		/* the second half of a wide instruction has code 0 */
		if (dead_code_is_jump(&insn))
			insn.off = (long)code->about[code->about[i].target].moved_to - (long)to - 1;
		image->insns[to] = insn;
		image->constant[to] = image->constant[i];
	}
	image->count = count;
}

int dead_code_remove(struct program_image *image, __u32 fixed)
{
	CLEANUP_FREE struct bpf_insn *insns = malloc(image->count * sizeof(*insns));
	CLEANUP_FREE struct dead_code_insn *about = calloc(image->count, sizeof(*about));
	CLEANUP_FREE __u32 *stack = calloc(image->count + 1, sizeof(*stack));
	struct dead_code code = {
		.insns = insns, .count = image->count, .about = about, .stack = stack
	};
	int err;

	if (!insns || !about || !stack)
		return -ENOMEM;
	memcpy(insns, image->insns, image->count * sizeof(*insns));
	err = dead_code_find_jumps(&code);
	if (err)
		return err;
	for (size_t i = 0; i < code.count; i++)
		if (image->constant[i] >= 0 && fixed & 1U << image->constant[i])
			dead_code_decide(&code, i);
	for (size_t i = 0; i < code.count; i++)
		if (image->constant[i] >= 0)
			code.about[i].blank = !dead_code_walk(&code, i + 1, insns[i].dst_reg);
	dead_code_reach(&code);
	dead_code_shorten_ways(&code);
	dead_code_reach(&code);
	dead_code_drop_jumps(&code);
	dead_code_pack(&code, image);
	return 0;
}

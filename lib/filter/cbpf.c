// SPDX-License-Identifier: LGPL-2.1-only
/*
 * The output is up to two translations of the same program behind one check: is the head of the
 * frame in linear memory? The head is all that the program loads from fixed offsets below
 * CBPF_HEAD_LIMIT. In the first translation such a load is one unchecked instruction. So a frame
 * costs one check instead of one per load, and the verifier follows one branch less per load. The
 * second translation is for short frames and small linear parts. It checks every load.
 *
 * Register A is r8, and X is r9, both as zero-extended 32 bits. r7 is the address of the head, r6
 * that of the scratch memory.
 *
 * How the code gets into a program is in inject.c.
 */
#include "filter/cbpf.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "filter/cbpf_load.h"
#include "filter/cbpf_scan.h"

/* A jump reaches 32,767 instructions, so a veneer to the exits is written at least this often. */
#define VENEER_DISTANCE 16000

/* Longer programs are optimized for the verifier, shorter ones for speed. */
#define MANY 5000

struct translator {
	const struct sock_filter *in;
	size_t count;
	enum cbpf_loads loads;
	__u32 max_offset; /* a load beyond it rejects the frame */
	struct cbpf_scan scan;
	struct ebpf *out;
	__u32 accept, reject, computed; /* labels of the exits, or of the last veneer to them */
	__u32 missing; /* label of the second translation, or of the next veneer to it */
	size_t veneer; /* position of the last veneer */
	bool second;   /* the second translation is being written */
	bool falls;    /* the previous instruction continues with this one */
};

/* The first labels belong to the instructions, once for each translation. */
static __u32 cbpf_label_of(const struct translator *t, size_t at)
{
	return (t->second ? t->count : 0) + at;
}

/* A jump to a return goes to the exit directly. */
static __u32 cbpf_target(const struct translator *t, size_t at)
{
	if (cbpf_is_return(&t->in[at]))
		return t->in[at].k ? t->accept : t->reject;
	return cbpf_label_of(t, at);
}

static void cbpf_translate_packet_load(struct translator *t, size_t at)
{
	const struct sock_filter *insn = &t->in[at];
	const struct cbpf_load load = {
		.out = t->out,
		.loads = t->loads,
		.checked = t->second,
		.verifier_friendly = t->second || t->count > MANY,
		.reject = t->reject,
	};
	__u32 size = cbpf_load_size(insn);

	if (cbpf_never_loads(insn, t->max_offset)) {
		ebpf_jump(t->out, t->reject);
		t->falls = false;
	} else if (BPF_MODE(insn->code) == BPF_MSH) {
		cbpf_load(&load, insn, REG_X);
		ebpf_emit(t->out, BPF_ALU | BPF_AND | BPF_K, REG_X, 0, 0, 15);
		ebpf_emit(t->out, BPF_ALU | BPF_LSH | BPF_K, REG_X, 0, 0, 2);
	} else {
		cbpf_load(&load, insn, REG_A);
		if (size > 1)
			ebpf_emit(t->out, BPF_ALU | BPF_END | BPF_TO_BE, REG_A, 0, 0, size * 8);
	}
}

static void cbpf_translate_load(struct translator *t, size_t at, int dst)
{
	const struct sock_filter *insn = &t->in[at];

	switch (BPF_MODE(insn->code)) {
	case BPF_IMM:
		ebpf_set_imm(t->out, dst, insn->k);
		break;
	case BPF_MEM:
		ebpf_load(t->out, BPF_W, dst, REG_SCRATCH, SCRATCH_WORD(insn->k));
		break;
	case BPF_LEN:
		ebpf_load(t->out, BPF_W, dst, REG_SCRATCH, SCRATCH(length));
		break;
	default:
		cbpf_translate_packet_load(t, at);
	}
}

static void cbpf_translate_shift(struct translator *t, size_t at)
{
	__u32 slow = ebpf_label(t->out), done = ebpf_label(t->out);

	/* eBPF would use only 5 bits of the count. */
	ebpf_jump_if(t->out, BPF_JMP32 | BPF_JGT | BPF_K, REG_X, 0, 31, slow);
	ebpf_emit(t->out, t->in[at].code, REG_A, REG_X, 0, 0);
	ebpf_jump(t->out, done);
	ebpf_place(t->out, slow);
	ebpf_set_imm(t->out, REG_A, 0);
	ebpf_place(t->out, done);
}

static void cbpf_translate_alu(struct translator *t, size_t at)
{
	const struct sock_filter *insn = &t->in[at];
	int op = BPF_OP(insn->code);

	if (op == BPF_NEG) {
		ebpf_emit(t->out, insn->code, REG_A, 0, 0, 0);
	} else if (BPF_SRC(insn->code) == BPF_K) {
		ebpf_emit(t->out, insn->code, REG_A, 0, 0, insn->k);
	} else if (op == BPF_LSH || op == BPF_RSH) {
		cbpf_translate_shift(t, at);
	} else {
		if (op == BPF_DIV || op == BPF_MOD)
			ebpf_jump_if(t->out, BPF_JMP32 | BPF_JEQ | BPF_K, REG_X, 0, 0, t->reject);
		ebpf_emit(t->out, insn->code, REG_A, REG_X, 0, 0);
	}
}

static void cbpf_jump_backwards(struct translator *t, __u32 label)
{
	/* The verifier's knowledge of X would differ in each iteration. */
	cbpf_blur(t->out, REG_X);
	ebpf_load(t->out, BPF_DW, BPF_REG_2, REG_SCRATCH, SCRATCH(backward));
	ebpf_jump_if(t->out, BPF_JMP | BPF_JGE | BPF_K, BPF_REG_2, 0, CBPF_MAX_BACKWARD_JUMPS,
		     t->reject);
	ebpf_emit(t->out, BPF_ALU64 | BPF_ADD | BPF_K, BPF_REG_2, 0, 0, 1);
	ebpf_store(t->out, BPF_DW, REG_SCRATCH, SCRATCH(backward), BPF_REG_2);
	ebpf_jump(t->out, label);
}

static void cbpf_compare(struct translator *t, const struct sock_filter *insn, int op, __u32 label)
{
	bool leaves = label >= 2 * t->count, verifier_friendly = t->second || t->count > MANY;
	int src = BPF_SRC(insn->code) == BPF_X ? REG_X : 0;
	__u32 imm = src ? 0 : insn->k;

	op |= BPF_JMP32 | BPF_SRC(insn->code);
	if (leaves && verifier_friendly)
		ebpf_leave_if(t->out, op, REG_A, src, imm, label);
	else
		ebpf_jump_if(t->out, op, REG_A, src, imm, label);
}

static void cbpf_translate_condition(struct translator *t, size_t at)
{
	const struct sock_filter *insn = &t->in[at];
	int op = BPF_OP(insn->code);
	__u32 yes = cbpf_target(t, at + 1 + insn->jt), no = cbpf_target(t, at + 1 + insn->jf);

	if (insn->jt == insn->jf) {
		ebpf_jump(t->out, yes);
		t->falls = false;
	} else if (!insn->jt && ebpf_opposite(op) >= 0) {
		cbpf_compare(t, insn, ebpf_opposite(op), no);
	} else {
		cbpf_compare(t, insn, op, yes);
		if (!insn->jf)
			return;
		ebpf_jump(t->out, no);
		t->falls = false;
	}
}

static void cbpf_translate_jump(struct translator *t, size_t at)
{
	const struct sock_filter *insn = &t->in[at];

	if (BPF_OP(insn->code) != BPF_JA) {
		cbpf_translate_condition(t, at);
		return;
	}
	t->falls = false;
	if ((__s32)insn->k < 0)
		cbpf_jump_backwards(t, cbpf_target(t, at + 1 + (__s32)insn->k));
	else
		ebpf_jump(t->out, cbpf_target(t, at + 1 + insn->k));
}

static void cbpf_translate_return(struct translator *t, size_t at)
{
	if (cbpf_is_return(&t->in[at])) {
		ebpf_jump(t->out, cbpf_target(t, at));
	} else {
		ebpf_emit(t->out, BPF_ALU | BPF_MOV | BPF_X, BPF_REG_0, REG_A, 0, 0);
		ebpf_jump(t->out, t->computed);
	}
	t->falls = false;
}

static void cbpf_translate_insn(struct translator *t, size_t at)
{
	const struct sock_filter *insn = &t->in[at];

	switch (BPF_CLASS(insn->code)) {
	case BPF_LD:
		cbpf_translate_load(t, at, REG_A);
		break;
	case BPF_LDX:
		cbpf_translate_load(t, at, REG_X);
		break;
	case BPF_ST:
		ebpf_store(t->out, BPF_W, REG_SCRATCH, SCRATCH_WORD(insn->k), REG_A);
		break;
	case BPF_STX:
		ebpf_store(t->out, BPF_W, REG_SCRATCH, SCRATCH_WORD(insn->k), REG_X);
		break;
	case BPF_ALU:
		cbpf_translate_alu(t, at);
		break;
	case BPF_JMP:
		cbpf_translate_jump(t, at);
		break;
	case BPF_RET:
		cbpf_translate_return(t, at);
		break;
	case BPF_MISC:
		if (BPF_MISCOP(insn->code) == BPF_TAX)
			ebpf_set_reg(t->out, REG_X, REG_A);
		else
			ebpf_set_reg(t->out, REG_A, REG_X);
	}
}

/* Later jumps to *@exit go here, and from here to the former *@exit. */
static void cbpf_relay(struct translator *t, __u32 *exit, __u32 here)
{
	ebpf_place(t->out, here);
	ebpf_jump(t->out, *exit);
	*exit = here;
}

/*
 * The verifier refuses unreachable code, so each veneer gets a jump to it, even if no later
 * instruction uses it.
 */
static __u32 cbpf_reach(struct translator *t, bool used)
{
	__u32 here = ebpf_label(t->out);

	if (used)
		ebpf_jump_if(t->out, BPF_JMP | BPF_JEQ | BPF_K, REG_SCRATCH, 0, 0, here);
	return here;
}

static void cbpf_write_veneer(struct translator *t)
{
	__u32 accept = cbpf_reach(t, t->scan.accepts), reject = cbpf_reach(t, t->scan.rejects);
	__u32 computed = cbpf_reach(t, t->scan.computes), over = ebpf_label(t->out);

	ebpf_jump(t->out, over);
	if (t->scan.accepts)
		cbpf_relay(t, &t->accept, accept);
	if (t->scan.rejects)
		cbpf_relay(t, &t->reject, reject);
	if (t->scan.computes)
		cbpf_relay(t, &t->computed, computed);
	if (t->scan.head && !t->second) {
		ebpf_place(t->out, t->missing);
		t->missing = ebpf_label(t->out);
		ebpf_jump(t->out, t->missing);
	}
	ebpf_place(t->out, over);
	t->veneer = t->out->count;
}

/* Translate the program once. A return that is only jumped to needs no code. */
static void cbpf_translate_program(struct translator *t)
{
	t->falls = true;
	for (size_t at = 0; at < t->count; at++) {
		if (!t->scan.reached[at] || (cbpf_is_return(&t->in[at]) && !t->falls))
			continue;
		t->falls = true;
		ebpf_place(t->out, cbpf_label_of(t, at));
		if (t->out->count - t->veneer > VENEER_DISTANCE)
			cbpf_write_veneer(t);
		cbpf_translate_insn(t, at);
	}
}

static void cbpf_begin(struct translator *t)
{
	ebpf_set_reg(t->out, REG_SCRATCH, BPF_REG_3);
	ebpf_store(t->out, BPF_W, REG_SCRATCH, SCRATCH(length), BPF_REG_2);
}

/* A, X, and the words of scratch memory that are read start as 0. */
static void cbpf_clear(struct translator *t)
{
	ebpf_set_imm(t->out, REG_A, 0);
	ebpf_set_imm(t->out, REG_X, 0);
	for (int word = 0; word < BPF_MEMWORDS; word++) {
		if (t->scan.memory & 1U << word)
			ebpf_store(t->out, BPF_W, REG_SCRATCH, SCRATCH_WORD(word), REG_A);
	}
	if (t->scan.loops)
		ebpf_store(t->out, BPF_DW, REG_SCRATCH, SCRATCH(backward), REG_A);
}

/* Returns the index of the jump that leaves the code. */
static size_t cbpf_write_exits(struct translator *t)
{
	t->accept = ebpf_label(t->out);
	t->reject = ebpf_label(t->out);
	t->computed = ebpf_label(t->out);
	if (t->scan.accepts) {
		ebpf_place(t->out, t->accept);
		ebpf_set_imm(t->out, BPF_REG_0, 1);
	}
	if (t->scan.accepts && t->scan.rejects)
		ebpf_jump(t->out, t->computed);
	if (t->scan.rejects) {
		ebpf_place(t->out, t->reject);
		ebpf_set_imm(t->out, BPF_REG_0, 0);
	}
	ebpf_place(t->out, t->computed);
	ebpf_emit(t->out, BPF_JMP | BPF_JA, 0, 0, 0, 0);
	t->veneer = t->out->count;
	return t->out->count - 1;
}

static size_t cbpf_translate_all(struct translator *t)
{
	const struct cbpf_load load = { .out = t->out, .loads = t->loads };
	__u32 first = ebpf_label(t->out);
	size_t back;

	t->missing = ebpf_label(t->out);
	cbpf_begin(t);
	cbpf_clear(t);
	cbpf_load_head(&load, t->scan.head, t->missing);
	ebpf_jump(t->out, first);
	back = cbpf_write_exits(t);
	ebpf_place(t->out, first);
	cbpf_translate_program(t);
	if (t->scan.head) {
		ebpf_place(t->out, t->missing);
		t->second = true;
		cbpf_translate_program(t);
	}
	return back;
}

int cbpf_translate(const struct sock_filter *program, size_t count, enum cbpf_loads loads,
		   struct cbpf_code *code, struct cbpf_error *error)
{
	struct ebpf out;
	struct translator t = {
		.in = program,
		.count = count,
		.loads = loads,
		.out = &out,
		.max_offset = loads == CBPF_LOADS_LINEAR ? CBPF_MAX_OFFSET - 4 : CBPF_MAX_OFFSET,
	};
	size_t back;
	int err;

	err = cbpf_check(program, count, error);
	if (err)
		return err;
	*error = (struct cbpf_error){ .why = "out of memory" };
	err = cbpf_scan(program, count, t.max_offset, &t.scan);
	if (err)
		return err;
	ebpf_start(&out, 2 * count);
	back = cbpf_translate_all(&t);
	free(t.scan.reached);
	err = ebpf_finish(&out, &error->size);
	if (err == -E2BIG) {
		error->why = "too big";
		error->limit = EBPF_MAX_JUMP;
	}
	if (!err)
		*code = (struct cbpf_code){ out.insns, out.count, back };
	return err;
}

void cbpf_free(struct cbpf_code *code)
{
	free(code->insns);
	code->insns = NULL;
}

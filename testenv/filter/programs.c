// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writes programs forwards, a random step at a time, then makes the jumps land.
 */
#include "programs.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

struct writer {
	struct sock_filter *program;
	size_t count;
	bool defined;
	bool inside[PROGRAM_MAX]; /* not to be jumped to */
	struct random *random;
};

static void add(struct writer *w, int code, __u32 k)
{
	w->program[w->count++] = (struct sock_filter){ .code = code, .k = k };
}

static __u32 pick(struct writer *w, const __u32 *values, size_t count)
{
	return values[random_below(w->random, count)];
}

static __u32 random_offset(struct writer *w)
{
	static const __u32 edges[] = { 59,     60,	61,	    1514,      3520,   4096,
				       0xfff8, 0xfffa,	0xfffb,	    0xfffc,    0xfffd, 0xfffe,
				       0xffff, 0x10000, 0x7ffffffc, 0x7fffffff };

	switch (random_below(w->random, 16)) {
	case 0:
		return pick(w, edges, ARRAY_SIZE(edges));
	case 1:
	case 2:
		return random_below(w->random, 2000);
	default:
		return random_below(w->random, 64);
	}
}

static __u32 random_value(struct writer *w)
{
	static const __u32 edges[] = { 0,	   1,	      2,	  4,	      6,
				       14,	   17,	      20,	  31,	      32,
				       33,	   0x45,      0x800,	  0x86dd,     0xff,
				       0xffff,	   0x10000,   0x7fffffff, 0x80000000, 0x80000001,
				       0xfffffff0, 0xffffffff };

	switch (random_below(w->random, 4)) {
	case 0:
		return random_next(w->random);
	case 1:
		return random_below(w->random, 256);
	default:
		return pick(w, edges, ARRAY_SIZE(edges));
	}
}

static __u32 random_size(struct writer *w)
{
	static const __u32 sizes[] = { BPF_B, BPF_H, BPF_W };

	return pick(w, sizes, ARRAY_SIZE(sizes));
}

/* X from 0 to @mask for the next instruction, on every way there. */
static void bound_x(struct writer *w, __u32 mask)
{
	add(w, BPF_MISC | BPF_TXA, 0);
	add(w, BPF_ALU | BPF_AND | BPF_K, mask);
	add(w, BPF_MISC | BPF_TAX, 0);
	for (size_t at = w->count - 2; at <= w->count; at++)
		w->inside[at] = true;
}

static void step_load_packet(struct writer *w)
{
	switch (random_below(w->random, 4)) {
	case 0:
		add(w, BPF_LDX | BPF_MSH | BPF_B, random_offset(w));
		break;
	case 1:
		if (w->defined || random_below(w->random, 2))
			bound_x(w, random_below(w->random, 4) ? 0x3f : 0xffff);
		add(w, BPF_LD | BPF_IND | random_size(w), random_offset(w));
		break;
	default:
		add(w, BPF_LD | BPF_ABS | random_size(w), random_offset(w));
	}
}

static void step_load(struct writer *w)
{
	static const __u32 codes[] = {
		BPF_LD | BPF_IMM,   BPF_LDX | BPF_IMM, BPF_LD | BPF_MEM, BPF_LDX | BPF_MEM,
		BPF_LD | BPF_LEN,   BPF_LDX | BPF_LEN, BPF_ST,		 BPF_STX,
		BPF_MISC | BPF_TAX, BPF_MISC | BPF_TXA
	};
	__u32 code = pick(w, codes, ARRAY_SIZE(codes));

	if (code == (BPF_LD | BPF_IMM) || code == (BPF_LDX | BPF_IMM))
		add(w, code, random_value(w));
	else
		add(w, code, BPF_CLASS(code) == BPF_MISC ? 0 : random_below(w->random, 16));
}

static void step_alu(struct writer *w)
{
	static const __u32 ops[] = { BPF_ADD, BPF_SUB, BPF_MUL, BPF_DIV, BPF_MOD, BPF_AND,
				     BPF_OR,  BPF_XOR, BPF_LSH, BPF_RSH, BPF_NEG };
	__u32 op = pick(w, ops, ARRAY_SIZE(ops)), src = random_below(w->random, 2) * BPF_X;
	bool shift = op == BPF_LSH || op == BPF_RSH;
	__u32 k = random_value(w);

	if (op == BPF_NEG)
		src = 0;
	if (shift)
		k &= 31;
	if ((op == BPF_DIV || op == BPF_MOD) && !k)
		k = 3;
	if (shift && src && w->defined)
		bound_x(w, 31);
	add(w, BPF_ALU | op | src, src || op == BPF_NEG ? 0 : k);
}

/* Where jumps go to is decided when the length is known. */
static void step_jump(struct writer *w)
{
	static const __u32 ops[] = { BPF_JEQ, BPF_JGT, BPF_JGE, BPF_JSET, BPF_JA };
	__u32 op = pick(w, ops, ARRAY_SIZE(ops)), src = random_below(w->random, 2) * BPF_X;

	if (op == BPF_JA)
		src = 0;
	add(w, BPF_JMP | op | src, src ? 0 : random_value(w));
}

static void step_return(struct writer *w)
{
	static const __u32 values[] = { 0, 1, 64, 0xffff, 262144, 0xffffffff };

	if (random_below(w->random, 4))
		add(w, BPF_RET | BPF_K, pick(w, values, ARRAY_SIZE(values)));
	else
		add(w, BPF_RET | BPF_A, 0);
}

static void step(struct writer *w)
{
	switch (random_below(w->random, 20)) {
	case 0 ... 6:
		step_load_packet(w);
		break;
	case 7 ... 10:
		step_load(w);
		break;
	case 11 ... 14:
		step_alu(w);
		break;
	case 15 ... 18:
		step_jump(w);
		break;
	default:
		step_return(w);
	}
}

/* Mostly near, so that much of the program runs. */
static __u32 random_distance(struct writer *w, size_t at)
{
	__u32 most = w->count - at - 2, distance;

	if (random_below(w->random, 4) && most > 3)
		most = 3;
	distance = random_below(w->random, most + 1);
	while (w->inside[at + 1 + distance])
		distance++;
	return distance;
}

static void aim(struct writer *w, size_t at)
{
	struct sock_filter *insn = &w->program[at];

	if (BPF_CLASS(insn->code) != BPF_JMP)
		return;
	if (BPF_OP(insn->code) == BPF_JA) {
		insn->k = random_distance(w, at);
	} else {
		insn->jt = random_distance(w, at);
		insn->jf = random_distance(w, at);
	}
}

size_t program_random(struct sock_filter program[PROGRAM_MAX], bool defined, struct random *random)
{
	struct writer w = { .program = program, .defined = defined, .random = random };
	size_t length = 2 + random_below(random, random_below(random, 8) ? 40 : 140);

	/* The kernel wants memory to be written before it is read, libpcap leaves it undefined. */
	add(&w, BPF_LD | BPF_IMM, random_value(&w));
	for (int word = 0; word < BPF_MEMWORDS; word++)
		add(&w, BPF_ST, word);
	length += w.count;
	while (w.count < length)
		step(&w);
	add(&w, BPF_RET | BPF_K, random_below(random, 2));
	for (size_t at = 0; at < w.count; at++)
		aim(&w, at);
	return w.count;
}

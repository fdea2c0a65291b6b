/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Arbitrary classic BPF: the translator never crashes, refuses what libpcap's validator refuses,
 * and what it makes of the rest decides as libpcap's interpreter does, wherever the frame's
 * linear part ends, without breaking a rule of the verifier's. With the privilege to load
 * programs, the kernel's own verifier is asked, too.
 *
 * Input: two bytes that say where linear memory ends, one for the number of instructions, one
 * that says whether these are anything or shaped to be mostly valid, then the instructions, five
 * bytes each, and the frame.
 */
#include <stddef.h>
#include <stdint.h>

#define bpf_insn pcap_insn
#include <pcap/pcap.h>
#undef bpf_insn

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "ebpf_run.h"
#include "../filter/raw.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PROLOGUE 17
#define MOST 255
#define HEADER 4
#define INSN 5

struct input {
	struct sock_filter program[PROLOGUE + MOST + 1];
	size_t count;
	const uint8_t *frame;
	size_t size, linear;
};

/* libpcap leaves scratch memory undefined, so write it all first. */
static void add_prologue(struct input *input)
{
	input->program[0] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_IMM, 0x01020304);
	for (int word = 0; word < BPF_MEMWORDS; word++)
		input->program[1 + word] = (struct sock_filter)BPF_STMT(BPF_ST, word);
	input->count = PROLOGUE;
}

/* Any code, or mostly a valid one. */
static __u16 shape_code(__u16 raw, bool shaped)
{
	static const __u16 codes[] = {
		BPF_LD | BPF_W | BPF_ABS,
		BPF_LD | BPF_H | BPF_ABS,
		BPF_LD | BPF_B | BPF_ABS,
		BPF_LD | BPF_W | BPF_IND,
		BPF_LD | BPF_H | BPF_IND,
		BPF_LD | BPF_B | BPF_IND,
		BPF_LDX | BPF_MSH | BPF_B,
		BPF_LD | BPF_LEN,
		BPF_LDX | BPF_LEN,
		BPF_LD | BPF_IMM,
		BPF_LDX | BPF_IMM,
		BPF_LD | BPF_MEM,
		BPF_LDX | BPF_MEM,
		BPF_ST,
		BPF_STX,
		BPF_MISC | BPF_TAX,
		BPF_MISC | BPF_TXA,
		BPF_ALU | BPF_ADD | BPF_K,
		BPF_ALU | BPF_ADD | BPF_X,
		BPF_ALU | BPF_SUB | BPF_X,
		BPF_ALU | BPF_MUL | BPF_X,
		BPF_ALU | BPF_DIV | BPF_K,
		BPF_ALU | BPF_DIV | BPF_X,
		BPF_ALU | BPF_MOD | BPF_X,
		BPF_ALU | BPF_AND | BPF_K,
		BPF_ALU | BPF_OR | BPF_X,
		BPF_ALU | BPF_XOR | BPF_X,
		BPF_ALU | BPF_LSH | BPF_K,
		BPF_ALU | BPF_LSH | BPF_X,
		BPF_ALU | BPF_RSH | BPF_X,
		BPF_ALU | BPF_NEG,
		BPF_JMP | BPF_JA,
		BPF_JMP | BPF_JEQ | BPF_K,
		BPF_JMP | BPF_JEQ | BPF_X,
		BPF_JMP | BPF_JGT | BPF_K,
		BPF_JMP | BPF_JGT | BPF_X,
		BPF_JMP | BPF_JGE | BPF_K,
		BPF_JMP | BPF_JSET | BPF_X,
		BPF_RET | BPF_K,
		BPF_RET | BPF_A,
	};

	return shaped ? codes[raw % (sizeof(codes) / sizeof(codes[0]))] : raw;
}

/* Where jumps go, and which word of memory, is within bounds; jumps lead forwards. */
static void shape(struct sock_filter *insn, size_t rest)
{
	bool memory = BPF_CLASS(insn->code) == BPF_ST || BPF_CLASS(insn->code) == BPF_STX ||
		      (BPF_CLASS(insn->code) <= BPF_LDX && BPF_MODE(insn->code) == BPF_MEM);

	if (memory)
		insn->k %= BPF_MEMWORDS;
	if (insn->code == (BPF_JMP | BPF_JA))
		insn->k %= rest;
	insn->jt %= rest;
	insn->jf %= rest;
}

/* Of five bytes: code, jt, jf, k, and how far k is to the left. */
static void add(struct input *input, const uint8_t *bytes, bool shaped, size_t rest)
{
	struct sock_filter *insn = &input->program[input->count++];

	insn->code = shape_code(bytes[0], shaped);
	insn->jt = bytes[1];
	insn->jf = bytes[2];
	insn->k = (__u32)bytes[3] << bytes[4] % 32;
	if (shaped)
		shape(insn, rest);
}

static bool parse(struct input *input, const uint8_t *data, size_t size)
{
	size_t count;
	bool shaped;

	if (size < HEADER)
		return false;
	count = data[2];
	shaped = data[3] % 4;
	if (count > (size - HEADER) / INSN)
		count = (size - HEADER) / INSN;
	add_prologue(input);
	for (size_t i = 0; i < count; i++)
		add(input, data + HEADER + i * INSN, shaped, count - i);
	if (shaped)
		input->program[input->count++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_A, 0);
	input->frame = data + HEADER + count * INSN;
	input->size = size - HEADER - count * INSN;
	input->linear = (data[0] | data[1] << 8) % (input->size + 1);
	return true;
}

/* libpcap 1.10's interpreter has no end to loops. */
static bool loops(const struct input *input)
{
	for (size_t i = 0; i < input->count; i++) {
		if (input->program[i].code == (BPF_JMP | BPF_JA) && (__s32)input->program[i].k < 0)
			return true;
	}
	return false;
}

/* Rules of bpf_validate() that libpcap 1.10 does not have. */
static bool is_newer_rule(const struct cbpf_error *error)
{
	return !strcmp(error->why, "unknown instruction") ||
	       !strcmp(error->why, "shift by a constant above 31");
}

static bool libpcap_decides(const struct input *input)
{
	const struct bpf_program filter = { input->count, (void *)input->program };
	const struct pcap_pkthdr header = { .caplen = input->size, .len = input->size };

	return pcap_offline_filter(&filter, &header, input->frame) != 0;
}

/* Loops can be more than a verifier follows; so can nothing else of this size. */
static void ask_verifier(const struct input *input, const struct cbpf_code *code,
			 enum cbpf_loads loads)
{
	int program = raw_load(code, loads, NULL, 0);

	run_check(program >= 0 || (loops(input) && (program == -E2BIG || program == -EFAULT)));
	close(program);
}

/* May we load programs, and does the kernel know the helper that fragments are read by? */
static bool verifier_knows(enum cbpf_loads loads)
{
	static const struct sock_filter all = BPF_STMT(BPF_RET | BPF_K, 1);
	static int known[CBPF_LOADS_COPY + 1]; /* 0 not asked, 1 no, 2 yes */
	struct cbpf_error error;
	struct cbpf_code code;
	int program;

	if (!known[loads]) {
		run_check(!cbpf_translate(&all, 1, loads, &code, &error));
		program = raw_load(&code, loads, NULL, 0);
		known[loads] = program < 0 ? 1 : 2;
		fprintf(stderr, "programs that load in way %d: the kernel's verifier is %s\n",
			loads, program < 0 ? "not asked" : "asked");
		close(program);
		cbpf_free(&code);
	}
	return known[loads] == 2;
}

static void compare(const struct input *input, enum cbpf_loads loads, size_t linear)
{
	const struct pcap_insn *program = (const void *)input->program;
	bool valid = bpf_validate(program, input->count), expected;
	struct cbpf_error error;
	struct cbpf_code code;
	int err = cbpf_translate(input->program, input->count, loads, &code, &error);

	if (err) {
		run_check(!valid || err == -EOPNOTSUPP || is_newer_rule(&error));
		return;
	}
	run_check(valid);
	run_check_flow(&code);
	if (verifier_knows(loads))
		ask_verifier(input, &code, loads);
	if (loads != CBPF_LOADS_COPY && !loops(input)) {
		expected = libpcap_decides(input);
		run_check((run_code(&code, input->frame, input->size, linear) != 0) == expected);
	}
	cbpf_free(&code);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input;

	if (!parse(&input, data, size))
		return 0;
	compare(&input, CBPF_LOADS_LINEAR, input.size);
	compare(&input, CBPF_LOADS_FRAGS, input.size);
	compare(&input, CBPF_LOADS_FRAGS, input.linear);
	compare(&input, CBPF_LOADS_COPY, input.size);
	return 0;
}

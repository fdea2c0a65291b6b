/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Arbitrary classic BPF: the translator never crashes, refuses what libpcap's validator refuses,
 * and what it makes of the rest decides as libpcap's interpreter does, wherever the frame's
 * linear part ends, without breaking a rule of the verifier's.
 *
 * Input: two bytes that say where linear memory ends, one for the number of instructions, these,
 * then the frame.
 */
#include <stddef.h>
#include <stdint.h>

#define bpf_insn pcap_insn
#include <pcap/pcap.h>
#undef bpf_insn

#include <errno.h>

#include "ebpf_run.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PROLOGUE 17
#define MOST 255

struct input {
	struct sock_filter program[PROLOGUE + MOST];
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

static bool parse(struct input *input, const uint8_t *data, size_t size)
{
	size_t count;

	if (size < 3)
		return false;
	count = data[2];
	if (size - 3 < count * sizeof(struct sock_filter))
		return false;
	add_prologue(input);
	memcpy(input->program + PROLOGUE, data + 3, count * sizeof(struct sock_filter));
	input->count += count;
	input->frame = data + 3 + count * sizeof(struct sock_filter);
	input->size = size - 3 - count * sizeof(struct sock_filter);
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

static bool libpcap_decides(const struct pcap_insn *program, const void *frame, size_t size)
{
	const struct bpf_program all = { .bf_insns = (struct pcap_insn *)program };
	const struct pcap_pkthdr header = { .caplen = size, .len = size };

	return pcap_offline_filter(&all, &header, frame) != 0;
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
	if (!loops(input)) {
		expected = libpcap_decides(program, input->frame, input->size);
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
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tests of the translator that need no kernel: what it refuses and how it says so, that its
 * output is well formed, and the instructions of one small filter to the letter. What the output
 * decides is for filter_oracle to compare.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../fuzz/ebpf_run.h"
#include "filter/cbpf.h"
#include "filter/ebpf.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
#define RETURN(value) BPF_STMT(BPF_RET | BPF_K, value)

static int translate(const struct sock_filter *program, size_t count, struct cbpf_error *error)
{
	struct cbpf_code code = { 0 };
	int err = cbpf_translate(program, count, CBPF_LOADS_FRAGS, &code, error);

	cbpf_free(&code);
	return err;
}

#define assert_refused(program, code, index)                                                       \
	do {                                                                                       \
		struct cbpf_error error = { 0 };                                                   \
                                                                                                   \
		assert_int_equal(translate(program, ARRAY_SIZE(program), &error), code);           \
		assert_int_equal(error.at, index);                                                 \
		assert_non_null(error.why);                                                        \
	} while (0)

static void refuses_what_is_no_program(void **state)
{
	const struct sock_filter no_return[] = { BPF_STMT(BPF_LD | BPF_IMM, 1) };
	const struct sock_filter unknown[] = { RETURN(0), BPF_STMT(0xffff, 0), RETURN(0) };
	const struct sock_filter jump[] = { BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1),
					    RETURN(0) };
	const struct sock_filter far[] = { BPF_STMT(BPF_JMP | BPF_JA, 0x7fffffff), RETURN(0) };
	const struct sock_filter before[] = { BPF_STMT(BPF_JMP | BPF_JA, -2), RETURN(0) };
	struct cbpf_error error = { 0 };

	(void)state;
	assert_int_equal(translate(NULL, 0, &error), -EINVAL);
	assert_refused(no_return, -EINVAL, 0);
	assert_refused(unknown, -EINVAL, 1);
	assert_refused(jump, -EINVAL, 0);
	assert_refused(far, -EINVAL, 0);
	assert_refused(before, -EINVAL, 0);
}

static void refuses_operands_that_mean_nothing(void **state)
{
	const struct sock_filter divide[] = { BPF_STMT(BPF_ALU | BPF_DIV | BPF_K, 0), RETURN(0) };
	const struct sock_filter modulo[] = { BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, 0), RETURN(0) };
	const struct sock_filter shift[] = { BPF_STMT(BPF_ALU | BPF_LSH | BPF_K, 32), RETURN(0) };
	const struct sock_filter read[] = { BPF_STMT(BPF_LD | BPF_MEM, 16), RETURN(0) };
	const struct sock_filter write[] = { BPF_STMT(BPF_STX, 16), RETURN(0) };

	(void)state;
	assert_refused(divide, -EINVAL, 0);
	assert_refused(modulo, -EINVAL, 0);
	assert_refused(shift, -EINVAL, 0);
	assert_refused(read, -EINVAL, 0);
	assert_refused(write, -EINVAL, 0);
}

static void refuses_negative_offsets(void **state)
{
	const struct sock_filter ancillary[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, SKF_AD_OFF + SKF_AD_IFINDEX), RETURN(0)
	};
	const struct sock_filter link[] = { BPF_STMT(BPF_LD | BPF_W | BPF_IND, SKF_LL_OFF),
					    RETURN(0) };
	const struct sock_filter header[] = { BPF_STMT(BPF_LDX | BPF_MSH | BPF_B, 0x80000000),
					      RETURN(0) };

	(void)state;
	assert_refused(ancillary, -EOPNOTSUPP, 0);
	assert_refused(link, -EOPNOTSUPP, 0);
	assert_refused(header, -EOPNOTSUPP, 0);
}

/* Jumps over @count loads if the first byte is 0. */
static struct sock_filter *jump_over(size_t count)
{
	struct sock_filter *program = calloc(count + 4, sizeof(*program));

	program[0] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 0);
	program[1] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1);
	program[2] = (struct sock_filter)BPF_STMT(BPF_JMP | BPF_JA, count);
	for (size_t i = 0; i < count; i++)
		program[3 + i] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 100);
	program[3 + count] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_A, 0);
	return program;
}

static void says_how_big_is_too_big(void **state)
{
	struct sock_filter *program = jump_over(10000);
	struct cbpf_error error = { 0 };

	(void)state;
	assert_int_equal(translate(program, 10004, &error), -E2BIG);
	assert_true(error.size > error.limit);
	assert_int_equal(error.limit, EBPF_MAX_JUMP);
	free(program);
	program = jump_over(1000);
	assert_int_equal(translate(program, 1004, &error), 0);
	free(program);
}

/* Is the first word of the frame below @count? In @count comparisons. */
static struct sock_filter *chain(size_t count)
{
	struct sock_filter *program = calloc(2 * count + 2, sizeof(*program));

	program[0] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0);
	for (size_t i = 0; i < count; i++) {
		program[2 * i + 1] =
			(struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, i, 0, 1);
		program[2 * i + 2] = (struct sock_filter)RETURN(1);
	}
	program[2 * count + 1] = (struct sock_filter)RETURN(0);
	return program;
}

static bool decide(const struct cbpf_code *code, size_t value, __u32 linear)
{
	const __u8 frame[14] = { value >> 24, value >> 16, value >> 8, value };

	return run_code(code, frame, sizeof(frame), linear);
}

/* Its exits are further away than a jump reaches. */
static void leaves_long_programs(void **state)
{
	const size_t count = 40000, values[] = { 0, 1, 7999, 8000, 16000, 24001, 32767, 39999 };
	struct sock_filter *program = chain(count);
	struct cbpf_error error;
	struct cbpf_code code;

	(void)state;
	assert_int_equal(cbpf_translate(program, 2 * count + 2, CBPF_LOADS_FRAGS, &code, &error),
			 0);
	assert_true(code.count > 4 * EBPF_MAX_JUMP);
	run_check_flow(&code);
	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		assert_true(decide(&code, values[i], 14));
		assert_true(decide(&code, values[i], 0));
	}
	assert_false(decide(&code, count, 14));
	assert_false(decide(&code, count, 0));
	cbpf_free(&code);
	free(program);
}

static void leaves_its_output_alone_on_failure(void **state)
{
	const struct sock_filter bad[] = { BPF_STMT(BPF_LD | BPF_IMM, 1) };
	struct bpf_insn insn;
	struct cbpf_code code = { .insns = &insn, .count = 7, .back = 8 };
	struct cbpf_error error;

	(void)state;
	assert_int_equal(cbpf_translate(bad, 1, CBPF_LOADS_LINEAR, &code, &error), -EINVAL);
	assert_ptr_equal(code.insns, &insn);
	assert_int_equal(code.count, 7);
	assert_int_equal(code.back, 8);
}

/* The smallest program of each way to end; none may contain what cannot be reached. */
static void ends_in_every_way(void **state)
{
	const struct sock_filter accept[] = { RETURN(1) };
	const struct sock_filter reject[] = { RETURN(0) };
	const struct sock_filter value[] = { BPF_STMT(BPF_RET | BPF_A, 0) };
	const struct sock_filter dead[] = { RETURN(1), BPF_STMT(BPF_LD | BPF_IMM, 5), RETURN(0) };
	const struct sock_filter beyond[] = { BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 0x10000),
					      RETURN(1) };
	const struct {
		const struct sock_filter *program;
		size_t count;
	} cases[] = { { accept, 1 }, { reject, 1 }, { value, 1 }, { dead, 3 }, { beyond, 2 } };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct cbpf_code code;
		struct cbpf_error error;

		assert_int_equal(cbpf_translate(cases[i].program, cases[i].count, CBPF_LOADS_FRAGS,
						&code, &error),
				 0);
		run_check_flow(&code);
		cbpf_free(&code);
	}
}

/* The instructions that ebpf.c writes, as the kernel's verifier prints them. */
#define EBPF_PRINT_SIZE 96

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

static void ebpf_print_raw(const struct line *line)
{
	const struct bpf_insn *insn = line->insn;

	PRINT(line, "code %#x dst %d src %d off %d imm %#x", insn->code, insn->dst_reg,
	      insn->src_reg, insn->off, insn->imm);
}

static void ebpf_print_alu(const struct line *line)
{
	const struct bpf_insn *insn = line->insn;
	const char *op = alu[BPF_OP(insn->code) >> 4];

	if (BPF_OP(insn->code) == BPF_END)
		PRINT(line, "r%d = be%d r%d", insn->dst_reg, insn->imm, insn->dst_reg);
	else if (BPF_OP(insn->code) == BPF_NEG)
		PRINT(line, "%c%d = -%c%d", line->width, insn->dst_reg, line->width, insn->dst_reg);
	else if (!op)
		ebpf_print_raw(line);
	else if (BPF_SRC(insn->code) == BPF_X)
		PRINT(line, "%c%d %s %c%d", line->width, insn->dst_reg, op, line->width,
		      insn->src_reg);
	else
		PRINT(line, "%c%d %s %#x", line->width, insn->dst_reg, op, insn->imm);
}

static void ebpf_print_condition(const struct line *line)
{
	const struct bpf_insn *insn = line->insn;
	const char *op = conditions[BPF_OP(insn->code) >> 4];

	if (!op)
		ebpf_print_raw(line);
	else if (BPF_SRC(insn->code) == BPF_X)
		PRINT(line, "if %c%d %s %c%d goto %zu", line->width, insn->dst_reg, op, line->width,
		      insn->src_reg, line->to);
	else
		PRINT(line, "if %c%d %s %#x goto %zu", line->width, insn->dst_reg, op, insn->imm,
		      line->to);
}

static void ebpf_print_jump(const struct line *line)
{
	const struct bpf_insn *insn = line->insn;

	if (BPF_OP(insn->code) == BPF_CALL)
		PRINT(line, "call %d", insn->imm);
	else if (BPF_OP(insn->code) == BPF_JA)
		PRINT(line, "goto %zu", line->to);
	else
		ebpf_print_condition(line);
}

static void ebpf_print_body(const struct line *line)
{
	const struct bpf_insn *insn = line->insn;
	const char *size = ebpf_print_size_name(BPF_SIZE(insn->code));

	switch (BPF_CLASS(insn->code)) {
	case BPF_ALU:
	case BPF_ALU64:
		ebpf_print_alu(line);
		break;
	case BPF_JMP:
	case BPF_JMP32:
		ebpf_print_jump(line);
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
		ebpf_print_raw(line);
	}
}

/* Instruction number @at as text; jumps show the number they go to. */
static void ebpf_print(char text[EBPF_PRINT_SIZE], const struct bpf_insn *insn, size_t at)
{
	char body[EBPF_PRINT_SIZE];
	int class = BPF_CLASS(insn->code);
	struct line line = {
		.text = body,
		.insn = insn,
		.width = class == BPF_ALU || class == BPF_JMP32 ? 'w' : 'r',
		.to = at + 1 + insn->off,
	};

	ebpf_print_body(&line);
	snprintf(text, EBPF_PRINT_SIZE, "(%03zu) %.60s", at, body);
}

static void translates_to_the_letter(void **state)
{
	const struct sock_filter arp[] = {
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 12),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x806, 0, 1),
		RETURN(262144),
		RETURN(0),
	};
	static const char *const expected[] = {
		"(000) r6 = r3",
		"(001) *(u32 *)(r6 +16) = r2",
		"(002) w8 = 0",
		"(003) w9 = 0",
		"(004) *(u64 *)(r6 +0) = r1",
		"(005) r7 = *(u32 *)(r1 +0)",
		"(006) r5 = *(u32 *)(r1 +4)",
		"(007) r4 = r7",
		"(008) r4 += 0xe",
		"(009) if r4 > r5 goto 19",
		"(010) goto 15",
		"(011) w0 = 0x1",
		"(012) goto 14",
		"(013) w0 = 0",
		"(014) goto 15",
		"(015) r8 = *(u16 *)(r7 +12)",
		"(016) r8 = be16 r8",
		"(017) if w8 != 0x806 goto 13",
		"(018) goto 11",
		"(019) w2 = 0xc",
		"(020) r3 = r7",
		"(021) r3 += r2",
		"(022) r4 = r3",
		"(023) r4 += 0x2",
		"(024) r5 = *(u64 *)(r6 +0)",
		"(025) r5 = *(u32 *)(r5 +4)",
		"(026) if r4 > r5 goto 13",
		"(027) r8 = *(u16 *)(r3 +0)",
		"(028) r8 = be16 r8",
		"(029) if w8 == 0x806 goto 31",
		"(030) goto 13",
		"(031) goto 11",
	};
	struct cbpf_code code;
	struct cbpf_error error;
	char text[EBPF_PRINT_SIZE];

	(void)state;
	assert_int_equal(cbpf_translate(arp, 4, CBPF_LOADS_LINEAR, &code, &error), 0);
	assert_int_equal(code.count, ARRAY_SIZE(expected));
	assert_int_equal(code.back, 14);
	for (size_t i = 0; i < code.count; i++) {
		ebpf_print(text, &code.insns[i], i);
		assert_string_equal(text, expected[i]);
	}
	cbpf_free(&code);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refuses_what_is_no_program),
		cmocka_unit_test(refuses_operands_that_mean_nothing),
		cmocka_unit_test(refuses_negative_offsets),
		cmocka_unit_test(says_how_big_is_too_big),
		cmocka_unit_test(leaves_long_programs),
		cmocka_unit_test(leaves_its_output_alone_on_failure),
		cmocka_unit_test(ends_in_every_way),
		cmocka_unit_test(translates_to_the_letter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Instructions that never run are removed, and the others do the same as before.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/constants.h"
#include "bpf/dead_code.h"
#include "bpf/insn.h"
#include "control.h"

#include "between.h"
#include "capture.skel.h"

#define ALL (~0U)

#define SET(reg, value) INSN(BPF_ALU64 | BPF_MOV | BPF_K, (reg), 0, 0, (value))
#define COPY(to, from) INSN(BPF_ALU64 | BPF_MOV | BPF_X, (to), (from), 0, 0)
#define ADD(reg, value) INSN(BPF_ALU64 | BPF_ADD | BPF_K, (reg), 0, 0, (value))
/* Where a constant was put. */
#define MOVE(reg, value) INSN(BPF_ALU | BPF_MOV | BPF_K, (reg), 0, 0, (value))
#define IF_EQUAL(reg, value, offset) INSN(BPF_JMP | BPF_JEQ | BPF_K, (reg), 0, (offset), (value))
#define IF_NOT(reg, value, offset) INSN(BPF_JMP | BPF_JNE | BPF_K, (reg), 0, (offset), (value))
#define GOTO(offset) INSN(BPF_JMP | BPF_JA, 0, 0, (offset), 0)
#define CALL(helper) INSN(BPF_JMP | BPF_CALL, 0, 0, 0, (helper))
#define WIDE(reg) INSN(BPF_LD | BPF_IMM | BPF_DW, (reg), 0, 0, 7), INSN(0, 0, 0, 0, 0)
#define EXIT INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Moves of 32 bits are those of constants, numbered from 0. */
static void open_image(struct program_image *image, const struct bpf_insn *insns, size_t count)
{
	int number = 0;

	image->count = count;
	image->insns = malloc(count * sizeof(*insns));
	image->constant = malloc(count);
	assert_non_null(image->insns);
	assert_non_null(image->constant);
	memcpy(image->insns, insns, count * sizeof(*insns));
	for (size_t i = 0; i < count; i++)
		image->constant[i] = insns[i].code == (BPF_ALU | BPF_MOV | BPF_K) ? number++ : -1;
}

static void check(const struct bpf_insn *insns, size_t count, __u32 fixed, int error,
		  const struct bpf_insn *left, size_t left_count)
{
	struct program_image image;

	open_image(&image, insns, count);
	assert_int_equal(dead_code_remove(&image, fixed), error);
	assert_int_equal(image.count, left_count);
	assert_memory_equal(image.insns, left, left_count * sizeof(*left));
	for (size_t i = 0; i < left_count; i++)
		assert_int_equal(image.constant[i] >= 0,
				 left[i].code == (BPF_ALU | BPF_MOV | BPF_K));
	program_image_free(&image);
}

#define CHECK(before, fixed, after) check(before, COUNT(before), fixed, 0, after, COUNT(after))

static void branches_are_decided(void **state)
{
	const struct bpf_insn taken[] = {
		MOVE(1, 5), IF_EQUAL(1, 5, 2), SET(0, 1), EXIT, SET(0, 2), EXIT,
	};
	const struct bpf_insn not_taken[] = {
		MOVE(1, 5), IF_NOT(1, 5, 2), SET(0, 1), EXIT, SET(0, 2), EXIT,
	};
	const struct bpf_insn first[] = { SET(0, 1), EXIT }, second[] = { SET(0, 2), EXIT };

	(void)state;
	CHECK(taken, ALL, second);
	CHECK(not_taken, ALL, first);
}

/* The number of an instruction extends its sign, and the constant does not. */
static void great_constants_are_positive(void **state)
{
	const struct bpf_insn before[] = {
		MOVE(1, -1), IF_EQUAL(1, -1, 2), SET(0, 1), EXIT, SET(0, 2), EXIT,
	};
	const struct bpf_insn after[] = { SET(0, 1), EXIT };

	(void)state;
	CHECK(before, ALL, after);
}

static void varying_constants_decide_nothing(void **state)
{
	const struct bpf_insn before[] = {
		MOVE(1, 5), IF_EQUAL(1, 5, 2), SET(0, 1), EXIT, SET(0, 2), EXIT,
	};

	(void)state;
	CHECK(before, ALL << 1, before);
}

static void constants_that_are_read_stay(void **state)
{
	const struct bpf_insn copied[] = { MOVE(1, 0), IF_EQUAL(1, 0, 0), COPY(0, 1), EXIT };
	const struct bpf_insn copied_left[] = { MOVE(1, 0), COPY(0, 1), EXIT };
	const struct bpf_insn argument[] = { MOVE(2, 3), CALL(7), EXIT };
	const struct bpf_insn result[] = { MOVE(0, 3), EXIT };
	/* behind a branch that is not decided */
	const struct bpf_insn later[] = {
		MOVE(6, 1), CALL(7), IF_EQUAL(0, 0, 1), SET(6, 2), COPY(0, 6), EXIT,
	};
	const struct bpf_insn over[] = { MOVE(1, 3), CALL(7), SET(1, 1), EXIT };

	(void)state;
	CHECK(copied, ALL, copied_left);
	CHECK(argument, ALL, argument);
	CHECK(result, ALL, result);
	CHECK(later, ALL, later);
	CHECK(over, ALL, over);
}

static void constants_that_nothing_reads_go(void **state)
{
	const struct bpf_insn written[] = { MOVE(6, 3), CALL(7), SET(6, 1), COPY(0, 6), EXIT };
	const struct bpf_insn result[] = { MOVE(0, 3), CALL(7), EXIT };
	const struct bpf_insn written_left[] = { CALL(7), SET(6, 1), COPY(0, 6), EXIT };
	const struct bpf_insn result_left[] = { CALL(7), EXIT };

	(void)state;
	CHECK(written, ALL, written_left);
	CHECK(result, ALL, result_left);
}

/* The register has another value on the other way, or after a call or an instruction. */
static void unknown_values_decide_nothing(void **state)
{
	const struct bpf_insn joined[] = {
		CALL(7),	   SET(6, 0), IF_EQUAL(0, 0, 1), MOVE(6, 1),
		IF_EQUAL(6, 1, 1), EXIT,      SET(0, 2),	 EXIT,
	};
	const struct bpf_insn changed[] = {
		MOVE(6, 1), ADD(6, 1), IF_EQUAL(6, 1, 1), EXIT, SET(0, 2), EXIT,
	};
	const struct bpf_insn called[] = {
		MOVE(0, 1), CALL(7), IF_EQUAL(0, 1, 1), EXIT, SET(0, 2), EXIT,
	};
	const struct bpf_insn loaded[] = {
		MOVE(1, 7), WIDE(1), IF_EQUAL(1, 7, 1), EXIT, SET(0, 2), EXIT,
	};

	(void)state;
	CHECK(joined, ALL, joined);
	CHECK(changed, ALL, changed);
	check(called, COUNT(called), ALL, 0, called + 1, COUNT(called) - 1);
	check(loaded, COUNT(loaded), ALL, 0, loaded + 1, COUNT(loaded) - 1);
}

/* Jumps over what is removed, forth and back, also over wide instructions. */
static void jumps_are_adjusted(void **state)
{
	const struct bpf_insn before[] = {
		SET(0, 0), IF_EQUAL(0, 3, 7), MOVE(1, 1), IF_EQUAL(1, 1, 2),
		WIDE(2),   WIDE(3),	      GOTO(-7),	  EXIT,
	};
	const struct bpf_insn after[] = { SET(0, 0), IF_EQUAL(0, 3, 3), WIDE(3), GOTO(-3), EXIT };

	(void)state;
	CHECK(before, ALL, after);
}

static void jumps_to_jumps_are_shortened(void **state)
{
	const struct bpf_insn before[] = {
		CALL(7), IF_EQUAL(0, 1, 2), SET(0, 5), EXIT, GOTO(1), EXIT, SET(0, 6), EXIT,
	};
	const struct bpf_insn after[] = {
		CALL(7), IF_EQUAL(0, 1, 2), SET(0, 5), EXIT, SET(0, 6), EXIT,
	};
	const struct bpf_insn circle[] = { CALL(7), IF_EQUAL(0, 1, 1), EXIT, GOTO(0), GOTO(-2) };

	(void)state;
	CHECK(before, ALL, after);
	/* without an end */
	check(circle, COUNT(circle), ALL, 0,
	      (const struct bpf_insn[]){ CALL(7), IF_EQUAL(0, 1, 1), EXIT, GOTO(-1) }, 4);
}

static void unknown_forms_are_refused(void **state)
{
	const struct bpf_insn function[] = {
		INSN(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_CALL, 0, 1),
		EXIT,
		SET(0, 0),
		EXIT,
	};
	const struct bpf_insn long_jump[] = {
		INSN(BPF_JMP32 | BPF_JA, 0, 0, 0, 0),
		SET(0, 0),
		EXIT,
	};
	const struct bpf_insn outside[] = { SET(0, 0), GOTO(5), EXIT };

	(void)state;
	check(function, COUNT(function), ALL, -EOPNOTSUPP, function, COUNT(function));
	check(long_jump, COUNT(long_jump), ALL, -EOPNOTSUPP, long_jump, COUNT(long_jump));
	check(outside, COUNT(outside), ALL, -EOPNOTSUPP, outside, COUNT(outside));
}

static bool is_jump(const struct bpf_insn *insn)
{
	return BPF_CLASS(insn->code) == BPF_JMP && BPF_OP(insn->code) != BPF_CALL &&
	       BPF_OP(insn->code) != BPF_EXIT;
}

/* What is left of the capture program are its instructions, in their order. */
static void capture_program_is_shortened(void **state)
{
	const struct xdpdrop_constants constants = { .has_unaligned_loads = 1 };
	struct xdpdrop_capture_bpf *skeleton = xdpdrop_capture_bpf__open();
	const struct bpf_insn *old;
	struct program_image image;
	size_t count, at = 0;

	(void)state;
	assert_non_null(skeleton);
	old = bpf_program__insns(skeleton->progs.xdpdrop_capture);
	count = bpf_program__insn_cnt(skeleton->progs.xdpdrop_capture);
	open_image(&image, old, count);
	for (size_t i = 0; i < count; i++)
		image.constant[i] = constants_index(&old[i]);
	program_image_put(&image, image.insns, &constants);
	assert_int_equal(dead_code_remove(&image, ALL), 0);
	assert_between(image.count, count / 2, count - 500);
	for (size_t i = 0; i < image.count; i++, at++) {
		struct bpf_insn insn = image.insns[i], same;

		for (;; at++) {
			assert_between(at, 0, count - 1);
			same = old[at];
			if (constants_index(&same) >= 0)
				constants_set(&same, constants_index(&same), &constants);
			if (is_jump(&insn))
				same.off = insn.off;
			/* a branch that was decided */
			if (is_jump(&same) && insn.code == (BPF_JMP | BPF_JA))
				same = insn;
			if (!memcmp(&same, &insn, sizeof(insn)))
				break;
		}
		if (is_jump(&insn))
			assert_between(i + 1 + insn.off, 0, image.count - 1);
	}
	program_image_free(&image);
	xdpdrop_capture_bpf__destroy(skeleton);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(branches_are_decided),
		cmocka_unit_test(great_constants_are_positive),
		cmocka_unit_test(varying_constants_decide_nothing),
		cmocka_unit_test(constants_that_are_read_stay),
		cmocka_unit_test(constants_that_nothing_reads_go),
		cmocka_unit_test(unknown_values_decide_nothing),
		cmocka_unit_test(jumps_are_adjusted),
		cmocka_unit_test(jumps_to_jumps_are_shortened),
		cmocka_unit_test(unknown_forms_are_refused),
		cmocka_unit_test(capture_program_is_shortened),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each constant of a program is put into its instructions, and nothing else changes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <bpf/libbpf.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/constants.h"
#include "control.h"
#include "wrap.skel.h"

#define VALUE 1234

static bool is_mark(const struct bpf_insn *insn)
{
	return insn->code == (BPF_ALU64 | BPF_MOV | BPF_K) && insn->imm >= XDPDROP_CONSTANT_MARK &&
	       insn->imm < XDPDROP_CONSTANT_MARK + (int)XDPDROP_CONSTANT_COUNT;
}

static void constants_replace_all_marks(void **state)
{
	const struct xdpdrop_constants constants = { .has_frags = VALUE };
	struct xdpdrop_wrap_bpf *skeleton = xdpdrop_wrap_bpf__open();
	struct bpf_program *program;
	struct bpf_insn *before;
	size_t count, marks = 0, values = 0;

	(void)state;
	assert_non_null(skeleton);
	program = skeleton->progs.xdpdrop_wrap;
	count = bpf_program__insn_cnt(program);
	before = malloc(count * sizeof(*before));
	assert_non_null(before);
	memcpy(before, bpf_program__insns(program), count * sizeof(*before));
	assert_int_equal(constants_put(program, &constants), 0);
	assert_int_equal(bpf_program__insn_cnt(program), count);
	for (size_t i = 0; i < count; i++) {
		struct bpf_insn insn = bpf_program__insns(program)[i];

		if (is_mark(&before[i])) {
			marks++;
			values += insn.imm == VALUE;
			assert_int_equal(insn.imm,
					 before[i].imm == XDPDROP_CONSTANT_MARK ? VALUE : 0);
			assert_int_equal(insn.code, BPF_ALU | BPF_MOV | BPF_K);
			insn.imm = before[i].imm;
			insn.code = before[i].code;
		}
		assert_memory_equal(&insn, &before[i], sizeof(insn));
	}
	free(before);
	xdpdrop_wrap_bpf__destroy(skeleton);
	assert_true(marks > values);
	assert_true(values > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(constants_replace_all_marks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

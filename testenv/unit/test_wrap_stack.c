// SPDX-License-Identifier: GPL-2.0-only
/*
 * A program that calls one with tail calls may use 256 bytes of stack, rounded up to 32 with
 * that one's. How many the wrapper takes is up to the compiler.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <bpf/libbpf.h>
#include <cmocka.h>
#include <stdbool.h>

#include "between.h"
#include "control.h"
#include "wrap.skel.h"

#define MOST 224

static bool accesses_memory(const struct bpf_insn *insn)
{
	return BPF_CLASS(insn->code) == BPF_LDX || BPF_CLASS(insn->code) == BPF_ST ||
	       BPF_CLASS(insn->code) == BPF_STX;
}

/* What @insn reaches below the frame pointer: by itself, or when it follows a copy of that. */
static int reach(const struct bpf_insn *insn, const struct bpf_insn *before)
{
	int base = BPF_CLASS(insn->code) == BPF_LDX ? insn->src_reg : insn->dst_reg;

	if (accesses_memory(insn) && base == BPF_REG_10)
		return -insn->off;
	if (insn->code == (BPF_ALU64 | BPF_ADD | BPF_K) && before &&
	    before->code == (BPF_ALU64 | BPF_MOV | BPF_X) && before->src_reg == BPF_REG_10 &&
	    before->dst_reg == insn->dst_reg)
		return -insn->imm;
	return 0;
}

static void wrapper_leaves_room_for_a_tail_call(void **state)
{
	struct xdpdrop_wrap_bpf *skeleton = xdpdrop_wrap_bpf__open();
	const struct bpf_insn *insns;
	size_t count;
	int depth = 0;

	(void)state;
	assert_non_null(skeleton);
	insns = bpf_program__insns(skeleton->progs.xdpdrop_wrap);
	count = bpf_program__insn_cnt(skeleton->progs.xdpdrop_wrap);
	for (size_t i = 0; i < count; i++) {
		int bytes = reach(&insns[i], i ? &insns[i - 1] : NULL);

		depth = bytes > depth ? bytes : depth;
	}
	xdpdrop_wrap_bpf__destroy(skeleton);
	/* it has a key on the stack, at least, and the filter's scratch */
	assert_between(depth, 64, MOST);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wrapper_leaves_room_for_a_tail_call),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

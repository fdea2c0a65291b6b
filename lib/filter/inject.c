// SPDX-License-Identifier: LGPL-2.1-only
/*
 * One instruction of the program becomes a jump to code that is appended to the program, and that
 * jumps back. This way
 * - costs least: there is no call and no tail call (10 ns, and the verdict would have to be passed
 * back), and a frame is filtered before the clock is read and the ring reserved;
 * - works on each kernel since 5.10 and for each program type, including freplace and fexit;
 * - needs only bpf_program__set_insns() of libbpf >= 0.8.
 *
 * Replacing the body of a stub subprogram would need libbpf's prepare-load callback. Its
 * registration is global to the process, bpf_program__set_type() removes it, and it would move
 * later functions away from the positions in func_info. Linking a generated ELF object would need
 * libelf and a linker run for each program.
 *
 * Appending is safe before libbpf relocates: relocations, CO-RE, line and function info all count
 * from the start of the program, and libbpf appends subprograms behind all instructions. The code
 * is part of the program's main function. Its stack memory is passed by its contract.
 */
#include "filter/inject.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <string.h>
#include <sys/types.h>

#include "base/cleanup.h"
#include "filter/ebpf.h"
#include "filter_call.h"

static int inject_is_mark(const struct bpf_insn *insn)
{
	return (insn->code == (BPF_ALU64 | BPF_MOV | BPF_K) ||
		insn->code == (BPF_ALU | BPF_MOV | BPF_K)) &&
	       insn->dst_reg == BPF_REG_0 && insn->imm == XDPDROP_FILTER_MARK;
}

/* Index of the only mark, or -ENOENT. */
static ssize_t inject_find_mark(const struct bpf_insn *insns, size_t count)
{
	ssize_t found = -ENOENT;

	for (size_t i = 0; i < count; i++) {
		if (!inject_is_mark(&insns[i]))
			continue;
		if (found >= 0)
			return -ENOENT;
		found = i;
	}
	return found;
}

static struct bpf_insn inject_jump_between(size_t from, size_t to)
{
	return (struct bpf_insn){ .code = BPF_JMP | BPF_JA, .off = (long)to - (long)from - 1 };
}

int inject(struct bpf_program *program, const struct cbpf_code *code)
{
	size_t count = bpf_program__insn_cnt(program), all = count + code->count;
	const struct bpf_insn *old = bpf_program__insns(program);
	ssize_t mark = inject_find_mark(old, count);
	CLEANUP_FREE struct bpf_insn *insns = NULL;

	if (mark < 0)
		return mark;
	if (count + code->back - mark > EBPF_MAX_JUMP)
		return -E2BIG;
	insns = calloc(all, sizeof(*insns));
	if (!insns)
		return -ENOMEM;
	memcpy(insns, old, count * sizeof(*insns));
	memcpy(insns + count, code->insns, code->count * sizeof(*insns));
	insns[mark] = inject_jump_between(mark, count);
	insns[count + code->back] = inject_jump_between(count + code->back, mark + 1);
	return bpf_program__set_insns(program, insns, all);
}

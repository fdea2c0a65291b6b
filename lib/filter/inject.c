// SPDX-License-Identifier: LGPL-2.1-only
/*
 * How a filter gets into a program: one instruction becomes a jump to code appended to the
 * program's own, which jumps back. Of the ways to do this it is the one that
 *
 *  - costs least: no tail call (10 ns, and a verdict that would have to come back), no call;
 *    the frame is filtered before clock, ring and copy;
 *  - works on each kernel from 5.10 and for each program type, freplace and fexit included;
 *  - needs nothing but bpf_program__set_insns() of libbpf >= 0.8. Replacing the body of a stub
 *    subprogram would need libbpf's prepare-load callback, whose registration is global to the
 *    process and undone by bpf_program__set_type(), and would move the functions behind it away
 *    from where their func_info says they are. Linking an ELF object made for the purpose would
 *    need libelf and a linker run for each instance.
 *
 * Appending is safe before libbpf relocates: relocations, CO-RE, line and function info all
 * count from the program's start, and libbpf puts subprograms after whatever is there. The code
 * is part of the program's own function; it has its own stack memory through its contract.
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

/* Index of the one mark, or -ENOENT. */
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

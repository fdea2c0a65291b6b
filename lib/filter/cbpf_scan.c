// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Walks once over the reachable instructions.
 */
#include "filter/cbpf_scan.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"

/* Reached instructions that are not scanned yet. */
struct worklist {
	bool *reached;
	__u32 *at;
	size_t count;
};

static void cbpf_scan_reach(struct worklist *work, size_t at)
{
	if (work->reached[at])
		return;
	work->reached[at] = true;
	work->at[work->count++] = at;
}

static void cbpf_scan_follow(struct worklist *work, const struct sock_filter *insn, size_t at)
{
	if (BPF_CLASS(insn->code) == BPF_RET)
		return;
	if (BPF_CLASS(insn->code) != BPF_JMP) {
		cbpf_scan_reach(work, at + 1);
	} else if (BPF_OP(insn->code) == BPF_JA) {
		cbpf_scan_reach(work, at + 1 + (__s32)insn->k);
	} else {
		cbpf_scan_reach(work, at + 1 + insn->jt);
		cbpf_scan_reach(work, at + 1 + insn->jf);
	}
}

static bool cbpf_scan_is_memory_load(const struct sock_filter *insn)
{
	return insn->code == (BPF_LD | BPF_MEM) || insn->code == (BPF_LDX | BPF_MEM);
}

static bool cbpf_scan_divides_by_x(const struct sock_filter *insn)
{
	return insn->code == (BPF_ALU | BPF_DIV | BPF_X) ||
	       insn->code == (BPF_ALU | BPF_MOD | BPF_X);
}

static void cbpf_scan_note(struct cbpf_scan *scan, const struct sock_filter *insn)
{
	__u32 end = insn->k + cbpf_load_size(insn);

	if (cbpf_is_return(insn)) {
		scan->accepts |= insn->k != 0;
		scan->rejects |= insn->k == 0;
	} else if (insn->code == (BPF_RET | BPF_A)) {
		scan->computes = true;
	} else if (insn->code == (BPF_JMP | BPF_JA) && (__s32)insn->k < 0) {
		scan->loops = scan->rejects = true;
	} else if (cbpf_is_packet_load(insn) || cbpf_scan_divides_by_x(insn)) {
		scan->rejects = true;
	} else if (cbpf_scan_is_memory_load(insn)) {
		scan->memory |= 1U << insn->k;
	}
	if (cbpf_in_head(insn) && end > scan->head)
		scan->head = end;
}

int cbpf_scan(const struct sock_filter *program, size_t count, __u32 max_offset,
	      struct cbpf_scan *scan)
{
	CLEANUP_FREE __u32 *at = calloc(count, sizeof(*at));
	struct worklist work = { .reached = calloc(count, sizeof(bool)), .at = at };
	const struct sock_filter *insn;
	struct cbpf_scan found = {};

	if (!at || !work.reached) {
		free(work.reached);
		return -ENOMEM;
	}
	cbpf_scan_reach(&work, 0);
	while (work.count) {
		size_t next = work.at[--work.count];

		insn = &program[next];
		cbpf_scan_note(&found, insn);
		if (!cbpf_never_loads(insn, max_offset))
			cbpf_scan_follow(&work, insn, next);
	}
	found.reached = work.reached;
	*scan = found;
	return 0;
}

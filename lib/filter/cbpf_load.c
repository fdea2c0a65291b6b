// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Loads from linear memory are direct: one instruction if the head is known to exist. Other loads
 * use helpers. The verifier requires a bound for each access on every path.
 */
#include "filter/cbpf_load.h"

#include "filter/cbpf_scan.h"
#include "filter_call.h"

_Static_assert(SCRATCH(bytes) == XDPDROP_FILTER_SCRATCH, "XDP");
_Static_assert(sizeof(struct scratch) == XDPDROP_FILTER_SCRATCH_COPY, "others");

void cbpf_blur(struct ebpf *out, int reg)
{
	ebpf_load(out, BPF_W, BPF_REG_5, REG_SCRATCH, SCRATCH(length));
	ebpf_emit(out, BPF_ALU64 | BPF_XOR | BPF_X, reg, BPF_REG_5, 0, 0);
	ebpf_emit(out, BPF_ALU64 | BPF_XOR | BPF_X, reg, BPF_REG_5, 0, 0);
}

static void cbpf_load_reject_if(const struct cbpf_load *load, int op, int dst, int src, __u32 imm)
{
	if (load->verifier_friendly)
		ebpf_leave_if(load->out, op, dst, src, imm, load->reject);
	else
		ebpf_jump_if(load->out, op, dst, src, imm, load->reject);
}

static void cbpf_load_find_head(struct ebpf *out, __u32 head, __u32 missing)
{
	ebpf_load(out, BPF_W, REG_HEAD, BPF_REG_1, offsetof(struct xdp_md, data));
	if (!head)
		return;
	ebpf_load(out, BPF_W, BPF_REG_5, BPF_REG_1, offsetof(struct xdp_md, data_end));
	ebpf_set_sum(out, BPF_REG_4, REG_HEAD, head);
	ebpf_jump_if(out, BPF_JMP | BPF_JGT | BPF_X, BPF_REG_4, BPF_REG_5, 0, missing);
}

static void cbpf_load_copy_head(struct ebpf *out, __u32 head, __u32 missing)
{
	ebpf_store(out, BPF_DW, REG_SCRATCH, SCRATCH(bytes), BPF_REG_4);
	if (!head)
		return;
	ebpf_jump_if(out, BPF_JMP | BPF_JLT | BPF_K, BPF_REG_4, 0, head, missing);
	ebpf_set_reg(out, BPF_REG_3, BPF_REG_1);
	ebpf_set_sum(out, REG_HEAD, REG_SCRATCH, SCRATCH(head));
	ebpf_set_reg(out, BPF_REG_1, REG_HEAD);
	ebpf_set_imm(out, BPF_REG_2, head);
	ebpf_call(out, BPF_FUNC_probe_read_kernel);
	ebpf_jump_if(out, BPF_JMP | BPF_JNE | BPF_K, BPF_REG_0, 0, 0, missing);
}

void cbpf_load_head(const struct cbpf_load *load, __u32 head, __u32 missing)
{
	ebpf_store(load->out, BPF_DW, REG_SCRATCH, SCRATCH(frame), BPF_REG_1);
	if (load->loads == CBPF_LOADS_COPY)
		cbpf_load_copy_head(load->out, head, missing);
	else
		cbpf_load_find_head(load->out, head, missing);
}

/* Load @size bytes from the offset in r2 to scratch.loaded with a helper. */
static void cbpf_load_call_helper(const struct cbpf_load *load, __u32 size)
{
	struct ebpf *out = load->out;

	if (load->loads == CBPF_LOADS_COPY) {
		ebpf_load(out, BPF_DW, BPF_REG_3, REG_SCRATCH, SCRATCH(frame));
		ebpf_add(out, BPF_REG_3, BPF_REG_2);
		ebpf_set_sum(out, BPF_REG_1, REG_SCRATCH, SCRATCH(loaded));
		ebpf_set_imm(out, BPF_REG_2, size);
		ebpf_call(out, BPF_FUNC_probe_read_kernel);
	} else {
		ebpf_load(out, BPF_DW, BPF_REG_1, REG_SCRATCH, SCRATCH(frame));
		ebpf_set_sum(out, BPF_REG_3, REG_SCRATCH, SCRATCH(loaded));
		ebpf_set_imm(out, BPF_REG_4, size);
		ebpf_call(out, BPF_FUNC_xdp_load_bytes);
	}
}

/* bpf_xdp_load_bytes() checks the frame's end itself, but truncates the offset to 32 bits. */
static void cbpf_load_load_by_helper(const struct cbpf_load *load, const struct sock_filter *insn,
				     int dst)
{
	struct ebpf *out = load->out;
	__u32 size = cbpf_load_size(insn);

	if (BPF_MODE(insn->code) == BPF_IND)
		cbpf_load_reject_if(load, BPF_JMP | BPF_JGT | BPF_K, BPF_REG_2, 0, CBPF_MAX_OFFSET);
	if (load->loads == CBPF_LOADS_COPY) {
		ebpf_set_sum(out, BPF_REG_4, BPF_REG_2, size);
		ebpf_load(out, BPF_DW, BPF_REG_5, REG_SCRATCH, SCRATCH(bytes));
		cbpf_load_reject_if(load, BPF_JMP | BPF_JGT | BPF_X, BPF_REG_4, BPF_REG_5, 0);
	}
	cbpf_load_call_helper(load, size);
	cbpf_load_reject_if(load, BPF_JMP | BPF_JNE | BPF_K, BPF_REG_0, 0, 0);
	ebpf_load(out, BPF_SIZE(insn->code), dst, REG_SCRATCH, SCRATCH(loaded));
}

/* Load from the offset in r2 if it is in linear memory, otherwise jump to @otherwise. */
static void cbpf_load_load_linear(const struct cbpf_load *load, const struct sock_filter *insn,
				  int dst, __u32 otherwise)
{
	struct ebpf *out = load->out;
	__u32 size = cbpf_load_size(insn);

	if (BPF_MODE(insn->code) == BPF_IND) {
		/*
		 * Verifiers since 7.x compare the upper bounds of r3 and r4. Because bounds and
		 * known bits are tracked separately, the difference of the bounds can be less than
		 * @size if some bits are known.
		 */
		cbpf_blur(out, BPF_REG_2);
		ebpf_jump_if(out, BPF_JMP | BPF_JGT | BPF_K, BPF_REG_2, 0, CBPF_MAX_OFFSET - size,
			     otherwise);
	}
	ebpf_set_reg(out, BPF_REG_3, REG_HEAD);
	ebpf_add(out, BPF_REG_3, BPF_REG_2);
	ebpf_set_sum(out, BPF_REG_4, BPF_REG_3, size);
	ebpf_load(out, BPF_DW, BPF_REG_5, REG_SCRATCH, SCRATCH(frame));
	ebpf_load(out, BPF_W, BPF_REG_5, BPF_REG_5, offsetof(struct xdp_md, data_end));
	ebpf_jump_if(out, BPF_JMP | BPF_JGT | BPF_X, BPF_REG_4, BPF_REG_5, 0, otherwise);
	ebpf_load(out, BPF_SIZE(insn->code), dst, BPF_REG_3, 0);
}

static void cbpf_load_load_linear_or_helper(const struct cbpf_load *load,
					    const struct sock_filter *insn, int dst)
{
	__u32 slow = ebpf_label(load->out), done = ebpf_label(load->out);

	if (insn->k > CBPF_MAX_OFFSET - cbpf_load_size(insn)) {
		cbpf_load_load_by_helper(load, insn, dst);
		return;
	}
	cbpf_load_load_linear(load, insn, dst, slow);
	ebpf_jump(load->out, done);
	ebpf_place(load->out, slow);
	cbpf_load_load_by_helper(load, insn, dst);
	ebpf_place(load->out, done);
}

/* Can it be loaded without a check? The verifier allows only aligned loads from the stack. */
static bool cbpf_load_reads_head(const struct cbpf_load *load, const struct sock_filter *insn)
{
	if (load->checked || !cbpf_in_head(insn))
		return false;
	return load->loads != CBPF_LOADS_COPY ||
	       (SCRATCH(head) + insn->k) % cbpf_load_size(insn) == 0;
}

void cbpf_load(const struct cbpf_load *load, const struct sock_filter *insn, int dst)
{
	if (cbpf_load_reads_head(load, insn)) {
		ebpf_load(load->out, BPF_SIZE(insn->code), dst, REG_HEAD, insn->k);
		return;
	}
	if (BPF_MODE(insn->code) == BPF_IND)
		ebpf_set_sum(load->out, BPF_REG_2, REG_X, insn->k);
	else
		ebpf_set_imm(load->out, BPF_REG_2, insn->k);
	if (load->loads == CBPF_LOADS_LINEAR)
		cbpf_load_load_linear(load, insn, dst, load->reject);
	else if (load->loads == CBPF_LOADS_COPY || load->checked)
		cbpf_load_load_by_helper(load, insn, dst);
	else
		cbpf_load_load_linear_or_helper(load, insn, dst);
}

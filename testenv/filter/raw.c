// SPDX-License-Identifier: GPL-2.0-only
/*
 * Assembles, loads and runs the smallest program.
 */
#include "raw.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "filter/ebpf.h"
#include "filter_call.h"
#include "bpf/probe.h"

/* r1..r3 as the contract says. For addresses the packet's own serves: helpers read it as such. */
static void call_filter(struct ebpf *program, enum cbpf_loads loads)
{
	ebpf_set_reg(program, BPF_REG_6, BPF_REG_1);
	if (loads == CBPF_LOADS_FRAGS) {
		ebpf_call(program, BPF_FUNC_xdp_get_buff_len);
		ebpf_set_reg(program, BPF_REG_2, BPF_REG_0);
	} else {
		ebpf_load(program, BPF_W, BPF_REG_2, BPF_REG_6, offsetof(struct xdp_md, data_end));
		ebpf_load(program, BPF_W, BPF_REG_1, BPF_REG_6, offsetof(struct xdp_md, data));
		ebpf_emit(program, BPF_ALU64 | BPF_SUB | BPF_X, BPF_REG_2, BPF_REG_1, 0, 0);
	}
	if (loads == CBPF_LOADS_COPY)
		ebpf_set_reg(program, BPF_REG_4, BPF_REG_2);
	else
		ebpf_set_reg(program, BPF_REG_1, BPF_REG_6);
	ebpf_set_sum(program, BPF_REG_3, BPF_REG_10, -XDPDROP_FILTER_SCRATCH_COPY);
}

/* Returns r0 != 0. */
static void write_return(struct ebpf *program)
{
	__u32 done = ebpf_label(program);

	ebpf_jump_if(program, BPF_JMP | BPF_JEQ | BPF_K, BPF_REG_0, 0, 0, done);
	ebpf_set_imm(program, BPF_REG_0, 1);
	ebpf_place(program, done);
	ebpf_emit(program, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

/* The code comes last, so that however long it is the jump back is in reach. */
static int assemble(struct ebpf *program, const struct cbpf_code *code, enum cbpf_loads loads)
{
	__u32 start, end;
	size_t jump;

	ebpf_start(program, 0);
	start = ebpf_label(program);
	end = ebpf_label(program);
	call_filter(program, loads);
	ebpf_jump(program, start);
	ebpf_place(program, end);
	write_return(program);
	ebpf_place(program, start);
	for (size_t i = 0; i < code->count; i++) {
		const struct bpf_insn *insn = &code->insns[i];

		if (i == code->back)
			ebpf_jump(program, end);
		else
			ebpf_emit(program, insn->code, insn->dst_reg, insn->src_reg, insn->off,
				  insn->imm);
	}
	return ebpf_finish(program, &jump);
}

int raw_load(const struct cbpf_code *code, enum cbpf_loads loads, char *log, __u32 log_size)
{
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .log_buf = log, .log_size = log_size,
		    .log_level = log ? 1 : 0);
	struct ebpf program;
	int err = assemble(&program, code, loads), fd;

	if (err)
		return err;
	if (loads == CBPF_LOADS_FRAGS)
		opts.prog_flags = BPF_F_XDP_HAS_FRAGS;
	fd = bpf_prog_load(BPF_PROG_TYPE_XDP, "filter", "GPL", program.insns, program.count, &opts);
	free(program.insns);
	return fd;
}

int raw_decide(int program, const void *frame, __u32 size, __u32 linear)
{
	struct xdp_md context = { .data_end = linear };
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = frame, .data_size_in = size, .repeat = 1);

	if (linear) {
		opts.ctx_in = &context;
		opts.ctx_size_in = sizeof(context);
	}
	if (bpf_prog_test_run_opts(program, &opts))
		return -errno;
	return opts.retval > 1 ? -EPROTO : (int)opts.retval;
}

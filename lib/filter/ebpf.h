/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * An assembler for eBPF with labels. After a failure (-ENOMEM) all functions do nothing, and
 * ebpf_finish() returns the error.
 */
#ifndef XDPDROP_FILTER_EBPF_H
#define XDPDROP_FILTER_EBPF_H

#include <linux/bpf.h>
#include <stddef.h>

#define EBPF_MAX_JUMP 32767

struct ebpf_jump;

struct ebpf {
	struct bpf_insn *insns;
	size_t count, room;
	struct ebpf_jump *jumps; /* whose offsets are not set yet */
	size_t jump_count, jump_room;
	__u32 *labels; /* index into insns */
	size_t label_count, label_room;
	int error; /* sticky */
};

/* Start code with labels 0..@labels-1. */
void ebpf_start(struct ebpf *code, size_t labels);

/* Allocate a label. */
__u32 ebpf_label(struct ebpf *code);

/*
 * Set the offsets of jumps. On success the caller owns @code->insns; on failure all is freed.
 * Errors: -ENOMEM; -E2BIG with the longest *@jump, above EBPF_MAX_JUMP.
 */
int ebpf_finish(struct ebpf *code, size_t *jump);

/* Place a label here. Each label is placed once, before or after the jumps to it. */
void ebpf_place(struct ebpf *code, __u32 label);

void ebpf_emit(struct ebpf *code, int op, int dst, int src, int off, __u32 imm);
void ebpf_jump(struct ebpf *code, __u32 label);

/* @op: with class BPF_JMP or BPF_JMP32, and BPF_K (@src 0) or BPF_X (@imm 0). */
void ebpf_jump_if(struct ebpf *code, int op, int dst, int src, __u32 imm, __u32 label);

/*
 * The same, as a conditional jump around an unconditional one. The verifier follows the next
 * instruction before the target of a jump. For a label that soon ends the program it then need not
 * store a state; it stores at most 8,192.
 */
void ebpf_leave_if(struct ebpf *code, int op, int dst, int src, __u32 imm, __u32 label);

/* The opposite of a condition, with its other bits. -1: there is none. */
int ebpf_opposite(int op);

/* @size: BPF_B .. BPF_DW */
void ebpf_load(struct ebpf *code, int size, int dst, int base, int off);
void ebpf_store(struct ebpf *code, int size, int base, int off, int src);

void ebpf_set_imm(struct ebpf *code, int dst, __u32 imm);
void ebpf_set_reg(struct ebpf *code, int dst, int src);

/* 64 bits or pointers: dst = src + imm; dst += src */
void ebpf_set_sum(struct ebpf *code, int dst, int src, __s32 imm);
void ebpf_add(struct ebpf *code, int dst, int src);

void ebpf_call(struct ebpf *code, int helper);

#endif

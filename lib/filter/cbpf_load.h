/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Code that loads bytes of the frame, and the registers and stack memory that it uses.
 */
#ifndef XDPDROP_FILTER_CBPF_LOAD_H
#define XDPDROP_FILTER_CBPF_LOAD_H

#include <linux/bpf.h>
#include <stdbool.h>
#include <stddef.h>

#include "filter/cbpf.h"
#include "filter/ebpf.h"

/* Limit of the verifier for packet pointers, and of bpf_xdp_load_bytes() for offsets. */
#define CBPF_MAX_OFFSET 0xffff

#define REG_SCRATCH BPF_REG_6
#define REG_HEAD BPF_REG_7 /* start of the frame, or of its copy */
#define REG_A BPF_REG_8	   /* A and X: 32 bits, zero-extended */
#define REG_X BPF_REG_9

struct scratch {
	__u64 frame;	/* r1 at the entry */
	__u64 backward; /* number of backward jumps */
	__u32 length;
	__u32 loaded; /* loaded by a helper */
	__u32 memory[BPF_MEMWORDS];
	/* the rest only for CBPF_LOADS_COPY */
	__u64 bytes;  /* number of readable bytes */
	__u16 aligns; /* aligns the bytes after an Ethernet header */
	__u8 head[62];
};
#define SCRATCH(member) ((int)offsetof(struct scratch, member))
#define SCRATCH_WORD(word) (SCRATCH(memory) + 4 * (int)(word))

struct cbpf_load {
	struct ebpf *out;
	enum cbpf_loads loads;
	bool checked;		/* the head may be missing */
	bool verifier_friendly; /* see ebpf_leave_if() */
	__u32 reject;		/* label for loads beyond the frame */
};

/*
 * Write code that saves r1 and finds or copies the first @head bytes. @missing is the label for
 * frames without them.
 */
void cbpf_load_head(const struct cbpf_load *load, __u32 head, __u32 missing);

/* Write code that loads the bytes of a packet load, in network order, to register @dst. */
void cbpf_load(const struct cbpf_load *load, const struct sock_filter *insn, int dst);

/* Write code that keeps @reg but makes the verifier forget the range of its lower 32 bits. */
void cbpf_blur(struct ebpf *out, int reg);

#endif

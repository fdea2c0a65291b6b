/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * How generated code gets at the bytes of the frame, and the registers and the stack memory that
 * this takes.
 */
#ifndef XDPDROP_FILTER_CBPF_LOAD_H
#define XDPDROP_FILTER_CBPF_LOAD_H

#include <linux/bpf.h>
#include <stdbool.h>
#include <stddef.h>

#include "filter/cbpf.h"
#include "filter/ebpf.h"

/* Of a packet pointer for the verifier, of an offset for bpf_xdp_load_bytes(). */
#define CBPF_MAX_OFFSET 0xffff

#define REG_SCRATCH BPF_REG_6
#define REG_HEAD BPF_REG_7 /* where the frame begins; of its copy, where there is one */
#define REG_A BPF_REG_8	   /* A and X: 32 bits, the upper ones are 0 */
#define REG_X BPF_REG_9

struct scratch {
	__u64 saved[4]; /* r6..r9 */
	__u64 frame;	/* r1 as passed */
	__u64 backward; /* jumps backwards so far */
	__u32 length;
	__u32 loaded; /* by a helper */
	__u32 memory[BPF_MEMWORDS];
	/* for CBPF_LOADS_COPY only: */
	__u64 bytes;  /* that can be read */
	__u16 aligns; /* what follows an Ethernet header */
	__u8 head[62];
};
#define SCRATCH(member) ((int)offsetof(struct scratch, member))
#define SCRATCH_WORD(word) (SCRATCH(memory) + 4 * (int)(word))

struct cbpf_load {
	struct ebpf *out;
	enum cbpf_loads loads;
	bool checked;		/* the head may be missing */
	bool verifier_friendly; /* to the verifier: see ebpf_leave_if() */
	__u32 reject;		/* label: there are no such bytes */
};

/* Code that saves r1 and finds or copies the @head first bytes; @missing is a label. */
void cbpf_load_head(const struct cbpf_load *load, __u32 head, __u32 missing);

/* Code that loads the bytes of a packet load as they are, in network order, to register @dst. */
void cbpf_load(const struct cbpf_load *load, const struct sock_filter *insn, int dst);

/* Code that leaves @reg as it is and makes the verifier forget what its lower 32 bits can be. */
void cbpf_blur(struct ebpf *out, int reg);

#endif

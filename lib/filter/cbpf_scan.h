/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Collects facts about a valid classic BPF program before its translation.
 */
#ifndef XDPDROP_FILTER_CBPF_SCAN_H
#define XDPDROP_FILTER_CBPF_SCAN_H

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>

/* Ethernet frames are at least this long, so only unusual frames lack the unchecked head. */
#define CBPF_HEAD_LIMIT 60

struct cbpf_scan {
	bool *reached; /* for each instruction; owned. The verifier refuses dead code. */
	__u32 head;    /* end of the loads from fixed offsets below CBPF_HEAD_LIMIT */
	__u32 memory;  /* bit n: M[n] is read */
	bool accepts;  /* some path matches */
	bool rejects;  /* some path does not match */
	bool computes; /* returns A */
	bool loops;    /* jumps backwards */
};

static inline bool cbpf_is_return(const struct sock_filter *insn)
{
	return insn->code == (BPF_RET | BPF_K);
}

static inline bool cbpf_is_packet_load(const struct sock_filter *insn)
{
	int class = BPF_CLASS(insn->code), mode = BPF_MODE(insn->code);

	return (class == BPF_LD && (mode == BPF_ABS || mode == BPF_IND)) ||
	       (class == BPF_LDX && mode == BPF_MSH);
}

static inline __u32 cbpf_load_size(const struct sock_filter *insn)
{
	switch (BPF_SIZE(insn->code)) {
	case BPF_W:
		return 4;
	case BPF_H:
		return 2;
	}
	return 1;
}

/* Is it a load from a fixed offset in the head? */
static inline bool cbpf_in_head(const struct sock_filter *insn)
{
	return cbpf_is_packet_load(insn) && BPF_MODE(insn->code) != BPF_IND &&
	       insn->k + cbpf_load_size(insn) <= CBPF_HEAD_LIMIT;
}

/*
 * Scan a program that cbpf_check() accepted. A load from an offset above @max_offset always
 * rejects. On success free scan->reached. Errors: -ENOMEM.
 */
int cbpf_scan(const struct sock_filter *program, size_t count, __u32 max_offset,
	      struct cbpf_scan *scan);

/* Is it a load that always rejects? */
static inline bool cbpf_never_loads(const struct sock_filter *insn, __u32 max_offset)
{
	return cbpf_is_packet_load(insn) && insn->k > max_offset;
}

#endif

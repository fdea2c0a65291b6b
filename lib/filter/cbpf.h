/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Classic BPF, as libpcap makes it, translated to eBPF that decides exactly as libpcap's own
 * interpreter would on the whole frame. Pure: no files, no kernel, no global state.
 */
#ifndef XDPDROP_FILTER_CBPF_H
#define XDPDROP_FILTER_CBPF_H

#include <linux/bpf.h>
#include <linux/filter.h>
#include <stddef.h>

/* Loops (ip6 protochain) that jump back more often than this reject, as libpcap >= 1.11 does. */
#define CBPF_MAX_BACKWARD_JUMPS 64

/* How the generated code gets at the bytes of the frame. */
enum cbpf_loads {
	CBPF_LOADS_LINEAR, /* XDP: what is between data and data_end is all there is */
	CBPF_LOADS_FRAGS,  /* XDP: and bpf_xdp_load_bytes() for what is not there */
	CBPF_LOADS_COPY,   /* bpf_probe_read_kernel() from an address: fexit */
};

/* Generated code, to be appended to a program; see xdp-dispatcher-hook/filter_call.h. */
struct cbpf_code {
	struct bpf_insn *insns; /* owned */
	size_t count;
	size_t back; /* index of the jump that leaves the code; its offset is not set */
};

struct cbpf_error {
	const char *why;    /* static */
	size_t at;	    /* index of the classic instruction */
	size_t size, limit; /* -E2BIG: instructions that a jump would have to reach over */
};

/*
 * Translate @count instructions. On success *@code is the caller's, for cbpf_free().
 * Errors, explained in @error: -EINVAL not a valid program, -EOPNOTSUPP loads from a negative
 * offset (Linux' ancillary data), -E2BIG, -ENOMEM.
 */
int cbpf_translate(const struct sock_filter *program, size_t count, enum cbpf_loads loads,
		   struct cbpf_code *code, struct cbpf_error *error);

void cbpf_free(struct cbpf_code *code);

/* Is it a program that libpcap's interpreter would run? 0 or -EINVAL with @error. */
int cbpf_check(const struct sock_filter *program, size_t count, struct cbpf_error *error);

#endif

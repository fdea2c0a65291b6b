/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Translates classic BPF, as libpcap generates it, to eBPF. The result decides exactly as libpcap's
 * interpreter does on the whole frame. Uses no files, no kernel, and no global state.
 */
#ifndef XDPDROP_FILTER_CBPF_H
#define XDPDROP_FILTER_CBPF_H

#include <linux/bpf.h>
#include <linux/filter.h>
#include <stddef.h>

/* A loop (ip6 protochain) that jumps back more often rejects the frame, as in libpcap >= 1.11. */
#define CBPF_MAX_BACKWARD_JUMPS 64

/* How the generated code reads the bytes of a frame. */
enum cbpf_loads {
	CBPF_LOADS_LINEAR, /* XDP: the frame is all between data and data_end */
	CBPF_LOADS_FRAGS,  /* XDP: linear memory, and bpf_xdp_load_bytes() for the rest */
	CBPF_LOADS_COPY,   /* fexit: bpf_probe_read_kernel() from an address */
};

/* Generated code, to be appended to a program; see xdp-dispatcher-hook/filter_call.h. */
struct cbpf_code {
	struct bpf_insn *insns; /* owned */
	size_t count;
	size_t back; /* index of the jump that leaves the code, whose offset is not set yet */
};

struct cbpf_error {
	const char *why;    /* static */
	size_t at;	    /* index of the classic instruction */
	size_t size, limit; /* -E2BIG: length of the longest jump, in instructions */
};

/*
 * Translate @count instructions. On success *@code is to be freed with cbpf_free(). Errors,
 * described in @error: -EINVAL: not a valid program; -EOPNOTSUPP: a load from a negative offset
 * (Linux ancillary data); -E2BIG; -ENOMEM.
 */
int cbpf_translate(const struct sock_filter *program, size_t count, enum cbpf_loads loads,
		   struct cbpf_code *code, struct cbpf_error *error);

void cbpf_free(struct cbpf_code *code);

/* Check that libpcap's interpreter would run the program. 0, or -EINVAL with @error. */
int cbpf_check(const struct sock_filter *program, size_t count, struct cbpf_error *error);

#endif

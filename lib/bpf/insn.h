/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * For programs of a few instructions, written down one by one.
 */
#ifndef XDPDROP_BPF_INSN_H
#define XDPDROP_BPF_INSN_H

#include <linux/bpf.h>

#define INSN(op, dst, src, offset, immediate)                                                      \
	((struct bpf_insn){ .code = (op),                                                          \
			    .dst_reg = (dst),                                                      \
			    .src_reg = (src),                                                      \
			    .off = (offset),                                                       \
			    .imm = (immediate) })

#endif

/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * One BPF instruction, for small programs.
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

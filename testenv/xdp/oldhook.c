// SPDX-License-Identifier: GPL-2.0-only
/*
 * Attaches a program and an xdpcap hook as older loaders made them: from instructions alone, the
 * map without BTF and without key and value types, as a struct bpf_map_def described it, and the
 * program without an expected attach type. It drops every frame whose source address has the
 * test's mark, through the hook, and passes the rest.
 *
 *	oldhook IFNAME PIN SLOTS
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <stddef.h>

#include "helper.h"

#define INSN(c, d, s, o, i)                                                                        \
	{                                                                                          \
		.code = (c), .dst_reg = (d), .src_reg = (s), .off = (o), .imm = (i)                \
	}
#define LOAD(size, dst, src, off) INSN(BPF_LDX | BPF_MEM | (size), dst, src, off, 0)
#define MOVE(dst, src) INSN(BPF_ALU64 | BPF_MOV | BPF_X, dst, src, 0, 0)
#define SET(dst, value) INSN(BPF_ALU64 | BPF_MOV | BPF_K, dst, 0, 0, value)
#define ADD(dst, value) INSN(BPF_ALU64 | BPF_ADD | BPF_K, dst, 0, 0, value)
#define SKIP_IF(op, dst, src, off) INSN(BPF_JMP | (op) | BPF_X, dst, src, off, 0)
#define SKIP_UNLESS_EQUAL(dst, value, off) INSN(BPF_JMP | BPF_JNE | BPF_K, dst, 0, off, value)
#define CALL(helper) INSN(BPF_JMP | BPF_CALL, 0, 0, 0, helper)
#define EXIT() INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)

static int make_program(int hook)
{
	const struct bpf_insn insns[] = {
		LOAD(BPF_W, BPF_REG_2, BPF_REG_1, offsetof(struct xdp_md, data)),
		LOAD(BPF_W, BPF_REG_3, BPF_REG_1, offsetof(struct xdp_md, data_end)),
		MOVE(BPF_REG_4, BPF_REG_2),
		ADD(BPF_REG_4, FRAME_HEADER),
		SKIP_IF(BPF_JGT, BPF_REG_4, BPF_REG_3, 10), /* to the pass */
		LOAD(BPF_B, BPF_REG_5, BPF_REG_2, 6),
		SKIP_UNLESS_EQUAL(BPF_REG_5, FRAME_MAGIC_0, 8),
		LOAD(BPF_B, BPF_REG_5, BPF_REG_2, 7),
		SKIP_UNLESS_EQUAL(BPF_REG_5, FRAME_MAGIC_1, 6),
		INSN(BPF_LD | BPF_IMM | BPF_DW, BPF_REG_2, BPF_PSEUDO_MAP_FD, 0, hook),
		INSN(0, 0, 0, 0, 0),
		SET(BPF_REG_3, XDP_DROP),
		CALL(BPF_FUNC_tail_call),
		SET(BPF_REG_0, XDP_DROP),
		EXIT(),
		SET(BPF_REG_0, XDP_PASS),
		EXIT(),
	};
	int fd = bpf_prog_load(BPF_PROG_TYPE_XDP, "old_hook", "GPL", insns,
			       sizeof(insns) / sizeof(*insns), NULL);

	if (fd < 0)
		die("program: %s", strerror(errno));
	return fd;
}

int main(int argc, char **argv)
{
	int hook, program, error;

	if (argc != 4)
		die("needs IFNAME PIN SLOTS");
	hook = bpf_map_create(BPF_MAP_TYPE_PROG_ARRAY, "xdpcap_hook", sizeof(int), sizeof(int),
			      number(argv[3], 1, 64), NULL);
	if (hook < 0)
		die("map: %s", strerror(errno));
	program = make_program(hook);
	if (bpf_obj_pin(hook, argv[2]))
		die("%s: %s", argv[2], strerror(errno));
	error = bpf_xdp_attach(if_nametoindex(argv[1]), program, 0, NULL);
	if (error)
		die("%s: %s", argv[1], strerror(-error));
	return 0;
}

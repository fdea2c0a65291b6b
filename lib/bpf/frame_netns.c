// SPDX-License-Identifier: LGPL-2.1-only
/*
 * bpf_cast_to_kern_ctx(), which the verifier turns into a move, returns the kernel's structure
 * behind the context. Loads follow pointers from there. The code is generated here, not relocated
 * by CO-RE: a kernel without BTF would refuse an object with such relocations. Kernels without that
 * kfunc would need helper calls, which would take longer than the rest of the capture program.
 */
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "bpf/frame_netns.h"
#include "bpf/insn.h"
#include "control.h"

/* Byte offset of a member of a structure. -1: there is no such member. */
static int frame_netns_offset(const struct btf *btf, const char *name, const char *member)
{
	int id = btf__find_by_name_kind(btf, name, BTF_KIND_STRUCT);
	const struct btf_type *type = id < 0 ? NULL : btf__type_by_id(btf, id);

	for (int i = 0; type && i < btf_vlen(type); i++)
		if (!strcmp(btf__name_by_offset(btf, btf_members(type)[i].name_off), member))
			return btf_member_bit_offset(type, i) / 8;
	return -1;
}

static bool frame_netns_make(struct bpf_insn code[XDPDROP_NETNS_INSNS])
{
	struct btf *btf = btf__load_vmlinux_btf();
	int cast, rxq, dev, net, ns, inum;

	if (!btf)
		return false;
	cast = btf__find_by_name_kind(btf, "bpf_cast_to_kern_ctx", BTF_KIND_FUNC);
	rxq = frame_netns_offset(btf, "xdp_buff", "rxq");
	dev = frame_netns_offset(btf, "xdp_rxq_info", "dev");
	net = frame_netns_offset(btf, "net_device", "nd_net");
	ns = frame_netns_offset(btf, "net", "ns");
	inum = frame_netns_offset(btf, "ns_common", "inum");
	btf__free(btf);
	if (cast < 0 || rxq < 0 || dev < 0 || net < 0 || ns < 0 || inum < 0)
		return false;
	code[0] = INSN(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_KFUNC_CALL, 0, cast);
	code[1] = INSN(BPF_LDX | BPF_MEM | BPF_DW, 0, 0, rxq, 0);
	code[2] = INSN(BPF_LDX | BPF_MEM | BPF_DW, 0, 0, dev, 0);
	code[3] = INSN(BPF_LDX | BPF_MEM | BPF_DW, 0, 0, net, 0);
	code[4] = INSN(BPF_LDX | BPF_MEM | BPF_W, 0, 0, ns + inum, 0);
	return true;
}

/* Run it on a frame of the loopback interface in this thread's network namespace. */
static bool frame_netns_try(const struct bpf_insn code[XDPDROP_NETNS_INSNS])
{
	static const char frame[64];
	struct bpf_insn program[XDPDROP_NETNS_INSNS + 1];
	LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = frame, .data_size_in = sizeof(frame),
		    .repeat = 1);
	struct stat st;

	memcpy(program, code, XDPDROP_NETNS_INSNS * sizeof(*program));
	program[XDPDROP_NETNS_INSNS] = INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
	CLEANUP_FD int fd = bpf_prog_load(BPF_PROG_TYPE_XDP, "xdpdrop_probe", "GPL", program,
					  XDPDROP_NETNS_INSNS + 1, NULL);

	return fd >= 0 && !bpf_prog_test_run_opts(fd, &run) &&
	       !stat("/proc/thread-self/ns/net", &st) && st.st_ino == run.retval;
}

static bool frame_netns_find(struct bpf_insn code[XDPDROP_NETNS_INSNS])
{
	/* 0 unknown, 1 no, 2 yes; a race only computes the same answer twice */
	static _Atomic int known;
	static struct bpf_insn found[XDPDROP_NETNS_INSNS];
	struct bpf_insn made[XDPDROP_NETNS_INSNS];
	bool works;

	if (!known) {
		works = frame_netns_make(made) && frame_netns_try(made);
		if (works)
			memcpy(found, made, sizeof(found));
		known = 1 + works;
	}
	memcpy(code, found, sizeof(found));
	return known == 2;
}

bool frame_netns_works(void)
{
	struct bpf_insn code[XDPDROP_NETNS_INSNS];

	return frame_netns_find(code);
}

int frame_netns_inject(struct bpf_program *program)
{
	const struct bpf_insn *old = bpf_program__insns(program);
	size_t count = bpf_program__insn_cnt(program), mark = 0;
	struct bpf_insn code[XDPDROP_NETNS_INSNS];
	CLEANUP_FREE struct bpf_insn *insns = NULL;

	if (!frame_netns_find(code))
		return -EOPNOTSUPP;
	while (mark < count && (old[mark].code != (BPF_ALU64 | BPF_MOV | BPF_K) ||
				old[mark].imm != XDPDROP_NETNS_MARK))
		mark++;
	if (count - mark < XDPDROP_NETNS_INSNS)
		return -ENOENT;
	insns = malloc(count * sizeof(*insns));
	if (!insns)
		return -ENOMEM;
	memcpy(insns, old, count * sizeof(*insns));
	memcpy(insns + mark, code, sizeof(code));
	return bpf_program__set_insns(program, insns, count);
}

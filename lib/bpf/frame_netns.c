// SPDX-License-Identifier: LGPL-2.1-only
/*
 * The context of an XDP program is a struct xdp_buff in memory. bpf_rdonly_cast(), which the
 * verifier turns into a move, has it as that type, and loads follow pointers from there. Such
 * pointers are not trusted: verifiers do not search the kernel's BTF for trusted members of them,
 * which takes milliseconds. The code is generated here, not relocated by CO-RE: a kernel
 * without BTF would refuse an object with such relocations. Kernels without that kfunc would need
 * helper calls, which would take longer than the rest of the capture program.
 */
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "bpf/frame_netns.h"
#include "bpf/insn.h"
#include "control.h"

#define VMLINUX_ID 1 /* of the first BTF that the kernel has */

/*
 * The file in /sys is read by pages, and the kernel's copy at once; it may have another id than
 * expected.
 */
static struct btf *frame_netns_read_btf(void)
{
	char name[16] = "";
	struct bpf_btf_info info = { .name = (__u64)(unsigned long)name, .name_len = sizeof(name) };
	__u32 size = sizeof(info);
	CLEANUP_FD int fd = bpf_btf_get_fd_by_id(VMLINUX_ID);

	if (fd >= 0 && !bpf_obj_get_info_by_fd(fd, &info, &size) && info.kernel_btf &&
	    !strcmp(name, "vmlinux"))
		return btf__load_from_kernel_by_id(VMLINUX_ID);
	return btf__load_vmlinux_btf();
}

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
	struct btf *btf = frame_netns_read_btf();
	int cast, context, rxq, dev, net, ns, inum;

	if (!btf)
		return false;
	cast = btf__find_by_name_kind(btf, "bpf_rdonly_cast", BTF_KIND_FUNC);
	context = btf__find_by_name_kind(btf, "xdp_buff", BTF_KIND_STRUCT);
	rxq = frame_netns_offset(btf, "xdp_buff", "rxq");
	dev = frame_netns_offset(btf, "xdp_rxq_info", "dev");
	net = frame_netns_offset(btf, "net_device", "nd_net");
	ns = frame_netns_offset(btf, "net", "ns");
	inum = frame_netns_offset(btf, "ns_common", "inum");
	btf__free(btf);
	if (cast < 0 || rxq < 0 || dev < 0 || net < 0 || ns < 0 || inum < 0)
		return false;
	code[0] = INSN(BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_2, 0, 0, context);
	code[1] = INSN(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_KFUNC_CALL, 0, cast);
	code[2] = INSN(BPF_LDX | BPF_MEM | BPF_DW, 0, 0, rxq, 0);
	code[3] = INSN(BPF_LDX | BPF_MEM | BPF_DW, 0, 0, dev, 0);
	code[4] = INSN(BPF_LDX | BPF_MEM | BPF_DW, 0, 0, net, 0);
	code[5] = INSN(BPF_LDX | BPF_MEM | BPF_W, 0, 0, ns + inum, 0);
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

/* What works on this kernel. */
static struct {
	pthread_once_t found;
	bool works;
	struct bpf_insn code[XDPDROP_NETNS_INSNS];
} frame_netns = { .found = PTHREAD_ONCE_INIT };

static void frame_netns_find(void)
{
	frame_netns.works = frame_netns_make(frame_netns.code) && frame_netns_try(frame_netns.code);
}

bool frame_netns_works(void)
{
	pthread_once(&frame_netns.found, frame_netns_find);
	return frame_netns.works;
}

int frame_netns_inject(struct bpf_program *program)
{
	const struct bpf_insn *old = bpf_program__insns(program);
	size_t count = bpf_program__insn_cnt(program), mark = 0;
	CLEANUP_FREE struct bpf_insn *insns = NULL;

	if (!frame_netns_works())
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
	memcpy(insns + mark, frame_netns.code, sizeof(frame_netns.code));
	return bpf_program__set_insns(program, insns, count);
}

// SPDX-License-Identifier: LGPL-2.1-only
/*
 * The programs compare jiffies, which user space cannot read: a program of a few instructions
 * writes into the control page what they will be at the lease's end. Jiffies count what
 * CLOCK_MONOTONIC counts, in steps of the coarse clock's resolution.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <stddef.h>
#include <time.h>

#include "base/clock.h"
#include "bpf/insn.h"
#include "bpf/lease.h"

#define LEASE_NS 5000000000LL

static __s32 lease_jiffies(void)
{
	struct timespec jiffy = { .tv_nsec = 1 };

	clock_getres(CLOCK_MONOTONIC_COARSE, &jiffy);
	return LEASE_NS / jiffy.tv_nsec;
}

int lease_create(int control_fd)
{
	const struct bpf_insn program[] = {
		INSN(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_jiffies64),
		INSN(BPF_ALU64 | BPF_ADD | BPF_K, 0, 0, 0, lease_jiffies()),
		INSN(BPF_LD | BPF_DW | BPF_IMM, 1, BPF_PSEUDO_MAP_VALUE, 0, control_fd),
		INSN(0, 0, 0, 0, offsetof(struct xdpdrop_control, deadline_jiffies)),
		INSN(BPF_STX | BPF_MEM | BPF_DW, 1, 0, 0, 0),
		INSN(BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, XDP_PASS),
		INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0),
	};
	int fd = bpf_prog_load(BPF_PROG_TYPE_XDP, "xdpdrop_lease", "GPL", program,
			       sizeof(program) / sizeof(program[0]), NULL);

	return fd < 0 ? -errno : fd;
}

int lease_extend(int fd, struct xdpdrop_control *control)
{
	static const char frame[64];
	LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = frame, .data_size_in = sizeof(frame),
		    .repeat = 1);

	/* a kernel that checks for signals does so after the run */
	if (bpf_prog_test_run_opts(fd, &run) && errno != EINTR)
		return -errno;
	__atomic_store_n(&control->deadline, clock_monotonic() + LEASE_NS, __ATOMIC_RELAXED);
	return 0;
}

void lease_end(struct xdpdrop_control *control)
{
	control->pid_start = 0;
	__atomic_store_n(&control->deadline, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&control->deadline_jiffies, 0, __ATOMIC_RELAXED);
}

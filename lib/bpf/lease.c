// SPDX-License-Identifier: LGPL-2.1-only
/*
 * The capture programs compare jiffies, which user space cannot read. So a program of a few
 * instructions writes the jiffies at the end of the lease into the control page. Jiffies advance
 * with CLOCK_MONOTONIC, in steps of the coarse clock's resolution. The program also reads the clock
 * of the records, which a time namespace shifts for user space but not for BPF programs.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <stddef.h>
#include <time.h>

#include "base/clock.h"
#include "bpf/insn.h"
#include "bpf/lease.h"

#define SAMPLES 5

static __s32 lease_jiffies(void)
{
	struct timespec jiffy = { .tv_nsec = 1 };

	clock_getres(CLOCK_MONOTONIC_COARSE, &jiffy);
	return LEASE_NS / jiffy.tv_nsec;
}

int lease_create(int control_fd)
{
	const struct bpf_insn program[] = {
		INSN(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_ktime_get_ns),
		INSN(BPF_ALU64 | BPF_MOV | BPF_X, 6, 0, 0, 0),
		INSN(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_jiffies64),
		INSN(BPF_ALU64 | BPF_ADD | BPF_K, 0, 0, 0, lease_jiffies()),
		INSN(BPF_LD | BPF_DW | BPF_IMM, 1, BPF_PSEUDO_MAP_VALUE, 0, control_fd),
		INSN(0, 0, 0, 0, 0),
		INSN(BPF_STX | BPF_MEM | BPF_DW, 1, 0,
		     offsetof(struct xdpdrop_control, deadline_jiffies), 0),
		INSN(BPF_LD | BPF_DW | BPF_IMM, 2, 0, 0, (__s32)(__u32)LEASE_NS),
		INSN(0, 0, 0, 0, LEASE_NS >> 32),
		INSN(BPF_ALU64 | BPF_ADD | BPF_X, 2, 6, 0, 0),
		INSN(BPF_STX | BPF_MEM | BPF_DW, 1, 2, offsetof(struct xdpdrop_control, deadline),
		     0),
		/* return the low half of the time, so that two concurrent runs are not mixed up */
		INSN(BPF_ALU | BPF_MOV | BPF_X, 0, 6, 0, 0),
		INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0),
	};
	int fd = bpf_prog_load(BPF_PROG_TYPE_XDP, LEASE_NAME, "GPL", program,
			       sizeof(program) / sizeof(program[0]), NULL);

	return fd < 0 ? -errno : fd;
}

static int lease_run(int fd, __u32 *low)
{
	static const char frame[64];
	LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = frame, .data_size_in = sizeof(frame),
		    .repeat = 1);

	/* a kernel that checks for signals does it after the run */
	if (bpf_prog_test_run_opts(fd, &run) && errno != EINTR)
		return -errno;
	*low = run.retval;
	return 0;
}

int lease_extend(int fd)
{
	__u32 low;

	return lease_run(fd, &low);
}

int lease_measure_clock(int fd, const struct xdpdrop_control *control)
{
	__s64 shift = 0, best = 0;

	for (int i = 0; i < SAMPLES; i++) {
		__u64 before = clock_monotonic(), kernel, width;
		__u32 low;
		int err = lease_run(fd, &low);

		if (err)
			return err;
		width = clock_monotonic() - before;
		kernel = __atomic_load_n(&control->deadline, __ATOMIC_RELAXED) - LEASE_NS;
		kernel += (__s32)(low - (__u32)kernel);
		if (best && (__s64)width >= best)
			continue;
		best = width;
		/* the clocks are equal if they differ by less than the run took */
		shift = kernel - before <= width ? 0 : kernel - before - width;
	}
	clock_set_shift(shift);
	return 0;
}

void lease_end(struct xdpdrop_control *control)
{
	__atomic_store_n(&control->deadline, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&control->deadline_jiffies, 0, __ATOMIC_RELAXED);
}

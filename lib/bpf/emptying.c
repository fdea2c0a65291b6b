// SPDX-License-Identifier: LGPL-2.1-only
/*
 * The kernel queues the work of emptying a PROG_ARRAY on the CPU on which the last descriptor is
 * closed (prog_array_map_clear() in kernel/bpf/arraymap.c), and begins what is queued on one CPU in
 * that order. So a PROG_ARRAY that is closed later on the same CPU is emptied later, and the only
 * program in it ends then.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <bpf/bpf.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "bpf/bpfinfo.h"
#include "bpf/emptying.h"
#include "bpf/insn.h"

#define NAME "xdpdrop_mark"
/* Each look is twice as long after the one before: the last one after 3 s. */
#define LOOK_US 50
#define LOOKS 16

void emptying_begin(struct emptying *emptying)
{
	cpu_set_t here;
	int cpu = sched_getcpu();

	*emptying = (struct emptying){ .pinned = false };
	/* of a CPU that the set has no room for, nothing is known */
	if (cpu < 0 || cpu >= CPU_SETSIZE ||
	    sched_getaffinity(0, sizeof(emptying->cpus), &emptying->cpus))
		return;
	CPU_ZERO(&here);
	CPU_SET(cpu, &here);
	emptying->pinned = !sched_setaffinity(0, sizeof(here), &here);
}

/* Fill a PROG_ARRAY with a program and close both. Returns the program's id, or 0. */
static __u32 emptying_mark(void)
{
	const struct bpf_insn program[] = {
		INSN(BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, XDP_PASS),
		INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0),
	};
	const __u32 slot = 0;
	struct bpf_prog_info info;
	CLEANUP_FD int map = bpf_map_create(BPF_MAP_TYPE_PROG_ARRAY, NAME, sizeof(__u32),
					    sizeof(__u32), 1, NULL);
	CLEANUP_FD int fd = bpf_prog_load(BPF_PROG_TYPE_XDP, NAME, "GPL", program,
					  sizeof(program) / sizeof(program[0]), NULL);

	if (map < 0 || fd < 0 || bpfinfo_program(fd, &info, NULL) ||
	    bpf_map_update_elem(map, &slot, &fd, BPF_ANY))
		return 0;
	return info.id;
}

static bool emptying_is_loaded(__u32 id)
{
	CLEANUP_FD int fd = bpf_prog_get_fd_by_id(id);

	return fd >= 0;
}

void emptying_end(const struct emptying *emptying)
{
	__u32 id = emptying->pinned ? emptying_mark() : 0;

	for (int look = 0; id && look < LOOKS && emptying_is_loaded(id); look++)
		usleep(LOOK_US << look);
	if (emptying->pinned)
		sched_setaffinity(0, sizeof(emptying->cpus), &emptying->cpus);
}

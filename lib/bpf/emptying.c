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
#include <sched.h>
#include <stdbool.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/parallel.h"
#include "bpf/bpfinfo.h"
#include "bpf/emptying.h"
#include "bpf/insn.h"

#define NAME "xdpdrop_mark"
/* Pauses between looks, each twice as long as the one before: six seconds in all. */
#define FIRST_PAUSE_US 50
#define PAUSES 17

struct emptying {
	void (*close)(void *data);
	void *data;
	bool closed;
	__u32 mark; /* id of a program that ends when all is emptied; 0: none */
};

/* The thread stays on the CPU on which it is. */
static bool emptying_stay(void)
{
	cpu_set_t here;
	int cpu = sched_getcpu();

	/* of a CPU that the set has no room for, nothing is known */
	if (cpu < 0 || cpu >= CPU_SETSIZE)
		return false;
	CPU_ZERO(&here);
	CPU_SET(cpu, &here);
	return !sched_setaffinity(0, sizeof(here), &here);
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

static void emptying_close(void *data)
{
	struct emptying *emptying = data;
	bool stays = emptying_stay();

	emptying->close(emptying->data);
	emptying->closed = true;
	emptying->mark = stays ? emptying_mark() : 0;
}

static bool emptying_is_loaded(__u32 id)
{
	CLEANUP_FD int fd = bpf_prog_get_fd_by_id(id);

	return fd >= 0;
}

/* In a thread of its own: an affinity that is set again is not what it was. */
void emptying_run(void (*close)(void *data), void *data)
{
	struct emptying emptying = { .close = close, .data = data };
	struct parallel_call call;

	parallel_begin(&call, emptying_close, &emptying);
	parallel_end(&call);
	if (!emptying.closed)
		close(data);
	for (int i = 0; emptying.mark && i < PAUSES && emptying_is_loaded(emptying.mark); i++)
		usleep(FIRST_PAUSE_US << i);
}

/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Where this thread runs frames: one CPU, so that the state which a program has per CPU is one; and
 * the interface that appears to receive them.
 */
#ifndef XDPDROP_REPLAY_PLACE_H
#define XDPDROP_REPLAY_PLACE_H

#include <linux/types.h>
#include <net/if.h>
#include <stdbool.h>

#include "base/log.h"
#include "xdp/netns.h"

#define PLACE_CPU_WORDS 128 /* of a set for 8192 CPUs, the most that kernels have */

struct place {
	unsigned int users; /* replays that are here; 0: the thread has not moved */
	unsigned long cpus[PLACE_CPU_WORDS]; /* where the thread could run before */
	__u32 cpu;
	bool moved; /* the thread runs on fewer CPUs than before */
	struct netns_visit visit;
	__u32 ifindex;
	char ifname[IF_NAMESIZE];
};

/*
 * Move this thread, or count one user more. @ifname: the interface, in the namespace of this
 * thread. NULL: an interface in a new namespace; with @one_queue the loopback interface there,
 * which the kernel takes by itself.
 * Errors: -ENODEV; -EINVAL: the thread is at another interface; others, logged.
 */
int place_enter(struct place *place, const char *ifname, bool one_queue, const struct log *log);

/*
 * For a thread that the one at @place has started, and that is at its interface thereby: move it to
 * the CPU with number @job, from 0, of those on which the other thread could run, and set *@cpu.
 * The first of them is @place's. -ENOSPC: there are not so many; logged.
 */
int place_join(const struct place *place, unsigned int job, __u32 *cpu, const struct log *log);

/* One user less. The last one moves the thread back. */
void place_leave(struct place *place);

#endif

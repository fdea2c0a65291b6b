/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * When the kernel empties PROG_ARRAYs that no process has open any more.
 */
#ifndef XDPDROP_BPF_EMPTYING_H
#define XDPDROP_BPF_EMPTYING_H

#include <sched.h>
#include <stdbool.h>

/* Data of emptying_begin(). */
struct emptying {
	cpu_set_t cpus; /* on which the thread may run */
	bool pinned;
};

/*
 * Between the two functions this thread closes PROG_ARRAYs. The second one returns when the kernel
 * empties those of which that was the last close, or after 3 s: what another process then puts
 * into them stays. The thread runs on one CPU meanwhile. Without the privilege to open programs by
 * id, or without memory, nothing is waited for.
 */
void emptying_begin(struct emptying *emptying);
void emptying_end(const struct emptying *emptying);

#endif

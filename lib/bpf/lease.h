/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * The lease: the time during which the programs of a session capture. The session extends it
 * regularly. When no process extends it, the programs expire.
 */
#ifndef XDPDROP_BPF_LEASE_H
#define XDPDROP_BPF_LEASE_H

#include "control.h"

#define LEASE_NS 5000000000LL

/*
 * Name of the program that extends the lease. Only processes of its capture have it open, so it
 * exists as long as they do.
 */
#define LEASE_NAME "xdpdrop_lease"

/*
 * Create a program that extends the lease in the control page @control_fd. Returns its descriptor,
 * or -errno.
 */
int lease_create(int control_fd);

/* Run the program. 0, or -errno: the lease is unchanged. */
int lease_extend(int fd);

/*
 * Run the program to measure the difference between the clock of the records and this process's
 * CLOCK_MONOTONIC, for clock_kernel(). Errors: bpf_prog_test_run_opts()'s.
 */
int lease_measure_clock(int fd, const struct xdpdrop_control *control);

/* End the lease now: the programs expire. */
void lease_end(struct xdpdrop_control *control);

#endif

/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * The time for which a session's programs work. The session moves its end on; when nobody does
 * any more, they turn inert.
 */
#ifndef XDPDROP_BPF_LEASE_H
#define XDPDROP_BPF_LEASE_H

#include "control.h"

/* Of the program. Only the processes of its capture have it open: it is there while they live. */
#define LEASE_NAME "xdpdrop_lease"

/* A program that extends the lease in @control_fd's page: its descriptor, or -errno. */
int lease_create(int control_fd);

/* Run it. 0, or -errno: nothing has changed. */
int lease_extend(int fd);

/*
 * Learn by running it how far the records' clock is from this process's CLOCK_MONOTONIC, for
 * clock_kernel(). Errors: bpf_prog_test_run_opts()'s.
 */
int lease_measure_clock(int fd, const struct xdpdrop_control *control);

/* End it now: the programs turn inert, and anybody may remove what the dead session left. */
void lease_end(struct xdpdrop_control *control);

#endif

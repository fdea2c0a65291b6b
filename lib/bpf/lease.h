/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * The time for which a session's programs work. The session moves its end on; when nobody does
 * any more, they turn inert.
 */
#ifndef XDPDROP_BPF_LEASE_H
#define XDPDROP_BPF_LEASE_H

#include "control.h"

/* A program that extends the lease in @control_fd's page: its descriptor, or -errno. */
int lease_create(int control_fd);

/* Run it, and set the deadline for user space. 0, or -errno: nothing has changed. */
int lease_extend(int fd, struct xdpdrop_control *control);

/* End it now: the programs turn inert, and anybody may remove what the dead session left. */
void lease_end(struct xdpdrop_control *control);

#endif

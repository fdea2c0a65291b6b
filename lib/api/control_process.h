/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * The process that keeps the privileges of a capture while the one that handles bytes has none:
 * it follows what changes on the interfaces, keeps the lease, and disarms. All that can be asked
 * of it is to end the capture.
 */
#ifndef XDPDROP_API_CONTROL_PROCESS_H
#define XDPDROP_API_CONTROL_PROCESS_H

struct xdpdrop;

/* Start one for an armed @session, and let go of what it now holds. 0 or -errno. */
int control_start(struct xdpdrop *session);

/*
 * Learn what it has said, without waiting. 0; negative: the capture is over, and why;
 * -EOWNERDEAD: it was killed. Logged.
 */
int control_receive(struct xdpdrop *session);

/* Let it disarm, and wait until it has. */
void control_stop(struct xdpdrop *session);

#endif

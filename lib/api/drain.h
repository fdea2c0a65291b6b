/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * The last records of a capture.
 */
#ifndef XDPDROP_API_DRAIN_H
#define XDPDROP_API_DRAIN_H

struct xdpdrop;

/*
 * After the disarm, when nothing comes in any more: pass on what is in the rings, one reader after
 * the other. The first error of the output becomes the session's.
 */
void drain_all(struct xdpdrop *session);

#endif

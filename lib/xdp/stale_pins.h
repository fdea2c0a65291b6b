/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Stale pins: pins of dispatchers that are not attached. libxdp leaves them in the BPF file system
 * if its process is killed while it replaces an interface's dispatcher.
 */
#ifndef XDPDROP_XDP_STALE_PINS_H
#define XDPDROP_XDP_STALE_PINS_H

#include "xdp/pipeline.h"

/*
 * Remove stale pins of @pipeline's interface if a dead session's tag member is among them, or if
 * all of them are of members of its present dispatcher. Keeps pins of programs that are attached
 * anywhere, or open in any process except this one and @ending. The arming lock is held. @ending:
 * pid of a capture that no longer attaches programs; 0: none. Returns the number of dispatchers.
 */
int stale_pins_remove(const struct pipeline *pipeline, __u32 ending);

#endif

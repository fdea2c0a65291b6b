/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * What libxdp leaves in the BPF file system when its process is killed while it exchanges an
 * interface's dispatcher: pins of a dispatcher that is not attached, or no longer.
 */
#ifndef XDPDROP_XDP_STALE_PINS_H
#define XDPDROP_XDP_STALE_PINS_H

#include "xdp/pipeline.h"

/*
 * Remove such pins of @pipeline's interface, as just read, if a dead capture's tag member is among
 * them, or if all of them are of members of its present dispatcher. What is attached anywhere, or
 * open in any process but this and @ending, stays. With our lock held. @ending: pid of a capture
 * that attaches nothing any more and may wait for us; 0 none.
 * Returns how many dispatchers they were of.
 */
int stale_pins_remove(const struct pipeline *pipeline, __u32 ending);

#endif

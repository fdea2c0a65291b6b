/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * The interfaces of a pipeline: the one that it was read for, the one that its root is attached to,
 * and those on which the kernel runs the root besides.
 */
#ifndef XDPDROP_XDP_PIPELINE_DEVICES_H
#define XDPDROP_XDP_PIPELINE_DEVICES_H

#include "xdp/pipeline.h"

/*
 * Ask which root pipeline->ifindex has, and how its interfaces are connected, unless @last has read
 * that and nothing has changed. 0, -ENODEV, or another -errno.
 */
int pipeline_read_devices(struct pipeline *pipeline, const struct pipeline *last);

/* They could not be read this time: they are those of @last. */
void pipeline_keep_devices(struct pipeline *pipeline, const struct pipeline *last);

/* All whose frames are this one's: itself and the lower ones. Returns how many. */
unsigned int pipeline_devices(const struct pipeline *pipeline, __u32 devices[XDPDROP_MAX_DEVICES]);

/* Is the root attached to an interface above this one, which hands it down? */
bool pipeline_is_lower(const struct pipeline *pipeline);

#endif

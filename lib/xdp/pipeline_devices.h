/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * The interfaces of a pipeline: the one that was read, the one to which its root is attached, and
 * the lower ones.
 */
#ifndef XDPDROP_XDP_PIPELINE_DEVICES_H
#define XDPDROP_XDP_PIPELINE_DEVICES_H

#include "xdp/pipeline.h"

/*
 * Read the root of pipeline->ifindex, and its interfaces unless @last has them and nothing has
 * changed. 0, -ENODEV, or another -errno.
 */
int pipeline_read_devices(struct pipeline *pipeline, const struct pipeline *last);

/* Is the root not what the kernel now reports? */
bool pipeline_root_was_replaced(const struct pipeline *pipeline);

/* Copy the interfaces of @last, because they could not be read. */
void pipeline_keep_devices(struct pipeline *pipeline, const struct pipeline *last);

/* The interface and its lower ones. Returns their number. */
unsigned int pipeline_devices(const struct pipeline *pipeline, __u32 devices[XDPDROP_MAX_DEVICES]);

/* Is the root attached to an interface above this one, which hands the program down? */
bool pipeline_is_lower(const struct pipeline *pipeline);

#endif

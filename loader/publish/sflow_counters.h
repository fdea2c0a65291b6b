/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reads the counters of interfaces, as sFlow has them, without privileges.
 */
#ifndef XDPDROP_LOADER_SFLOW_COUNTERS_H
#define XDPDROP_LOADER_SFLOW_COUNTERS_H

#include <xdpdrop/sflow.h>

/* A socket for sflow_counters_read() in network namespace @netns, NULL: this one. Or -errno. */
int sflow_counters_open(const char *netns);

/* Fill @interface with the counters of @ifindex. 0 or -errno. */
int sflow_counters_read(int fd, __u32 ifindex, struct xdpdrop_sflow_interface *interface);

#endif

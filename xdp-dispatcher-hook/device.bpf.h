/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The fields of the kernel's types that tracing programs need to identify an interface; libbpf
 * relocates them. An interface index is unique only within a network namespace.
 */
#ifndef XDPDROP_DEVICE_BPF_H
#define XDPDROP_DEVICE_BPF_H

struct ns_common {
	unsigned int inum;
} __attribute__((preserve_access_index));

struct net {
	struct ns_common ns;
} __attribute__((preserve_access_index));

typedef struct {
	struct net *net;
} __attribute__((preserve_access_index)) possible_net_t;

struct net_device {
	int ifindex;
	possible_net_t nd_net;
} __attribute__((preserve_access_index));

#endif

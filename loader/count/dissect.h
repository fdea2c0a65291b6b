/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Finds protocol, addresses and ports of a frame.
 */
#ifndef XDPDROP_LOADER_DISSECT_H
#define XDPDROP_LOADER_DISSECT_H

#include <linux/types.h>
#include <stdbool.h>

#define DISSECT_LINK_ETHERNET 1 /* LINKTYPE_ETHERNET */
#define DISSECT_LINK_RAW 101	/* LINKTYPE_RAW: an IPv4 or IPv6 header */

struct dissected {
	__u16 ethertype; /* behind VLAN tags; 0: unknown, or an 802.3 length */
	__u8 protocol;	 /* of IPv4; of IPv6 behind extension headers */
	bool has_protocol, has_ports;
	int family;			  /* AF_INET, AF_INET6; AF_UNSPEC: no addresses */
	__u8 source[16], destination[16]; /* network byte order; IPv4: the first 4 bytes */
	__u16 source_port, destination_port;
};

/*
 * Find in the @caplen first bytes of a frame of @link_type what they have; the rest of *@found is
 * zero. Only the first fragment of a datagram has ports. Any bytes are safe.
 */
void dissect(const __u8 *data, __u32 caplen, __u32 link_type, struct dissected *found);

#endif

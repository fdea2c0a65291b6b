/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * The link-layer headers of interfaces, by the LINKTYPE_ numbers of pcap files.
 */
#ifndef XDPDROP_XDP_LINK_TYPE_H
#define XDPDROP_XDP_LINK_TYPE_H

#include <linux/types.h>

#define LINK_TYPE_ETHERNET 1
#define LINK_TYPE_RAW 101  /* an IPv4 or IPv6 header */
#define LINK_TYPE_USER 147 /* for kinds without a number: LINKTYPE_USER0 */

/* The link type of interfaces of type @hardware, ARPHRD_... */
__u16 link_type_of(__u16 hardware);

/* "Ethernet", "raw IP", "802.11" ... */
const char *link_type_name(__u16 link_type);

#endif

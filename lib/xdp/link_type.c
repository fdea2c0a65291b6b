// SPDX-License-Identifier: LGPL-2.1-only
/*
 * An XDP program gets a frame with its link-layer header. Frames of tunnels and PPP have none, or
 * an outer IP header.
 */
#include <linux/if_arp.h>
#include <stddef.h>

#include "xdp/link_type.h"

#define RAWIP 519 /* ARPHRD_RAWIP, which older headers do not have */

static const struct {
	__u16 hardware, link_type;
} link_types[] = {
	{ ARPHRD_ETHER, LINK_TYPE_ETHERNET },
	{ ARPHRD_LOOPBACK, LINK_TYPE_ETHERNET },
	{ ARPHRD_NONE, LINK_TYPE_RAW },
	{ ARPHRD_PPP, LINK_TYPE_RAW },
	{ ARPHRD_SLIP, LINK_TYPE_RAW },
	{ ARPHRD_CSLIP, LINK_TYPE_RAW },
	{ ARPHRD_SLIP6, LINK_TYPE_RAW },
	{ ARPHRD_CSLIP6, LINK_TYPE_RAW },
	{ RAWIP, LINK_TYPE_RAW },
	{ ARPHRD_TUNNEL, LINK_TYPE_RAW },
	{ ARPHRD_TUNNEL6, LINK_TYPE_RAW },
	{ ARPHRD_SIT, LINK_TYPE_RAW },
	{ ARPHRD_IPGRE, LINK_TYPE_RAW },
	{ ARPHRD_IP6GRE, LINK_TYPE_RAW },
	{ ARPHRD_6LOWPAN, LINK_TYPE_RAW },
	{ ARPHRD_IEEE80211, 105 },
	{ ARPHRD_IEEE80211_PRISM, 119 },
	{ ARPHRD_IEEE80211_RADIOTAP, 127 },
};

static const struct {
	__u16 link_type;
	const char *name;
} link_type_names[] = {
	{ LINK_TYPE_ETHERNET, "Ethernet" },
	{ LINK_TYPE_RAW, "raw IP" },
	{ 105, "802.11" },
	{ 119, "802.11 with a Prism header" },
	{ 127, "802.11 with a radiotap header" },
};

__u16 link_type_of(__u16 hardware)
{
	for (size_t i = 0; i < sizeof(link_types) / sizeof(link_types[0]); i++)
		if (link_types[i].hardware == hardware)
			return link_types[i].link_type;
	return LINK_TYPE_USER;
}

const char *link_type_name(__u16 link_type)
{
	for (size_t i = 0; i < sizeof(link_type_names) / sizeof(link_type_names[0]); i++)
		if (link_type_names[i].link_type == link_type)
			return link_type_names[i].name;
	return "unknown";
}

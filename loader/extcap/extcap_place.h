/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Names of interfaces in Wireshark: "xdpdrop:eth0", or "xdpdrop:blue/eth0" for eth0 of the network
 * namespace blue. Names of interfaces have neither ':' nor '/'.
 */
#ifndef XDPDROP_EXTCAP_PLACE_H
#define XDPDROP_EXTCAP_PLACE_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>

struct extcap_place {
	char ifname[IFNAMSIZ]; /* empty: no interface, but the note about privileges */
	char netns[256];       /* empty: that of Wireshark */
};

/* The name of the interface that stands for all of them where privileges are missing. */
#define EXTCAP_PLACE_NONE "xdpdrop"

/* @netns may be NULL. Returns false if a name does not fit into Wireshark's syntax. */
bool extcap_place_name(const char *netns, const char *ifname, char *text, size_t size);

/* Returns false if @text is no such name. */
bool extcap_place_parse(struct extcap_place *place, const char *text);

#endif

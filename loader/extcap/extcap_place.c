// SPDX-License-Identifier: GPL-2.0-only
/*
 * Composes and parses names of interfaces.
 */
#include <stdio.h>
#include <string.h>

#include "extcap/extcap_place.h"

#define PREFIX EXTCAP_PLACE_NONE ":"

/* Wireshark's syntax has no escapes. */
static bool extcap_is_plain(const char *text)
{
	return !strpbrk(text, "{}[]\n");
}

bool extcap_place_name(const char *netns, const char *ifname, char *text, size_t size)
{
	bool named = netns && *netns;

	snprintf(text, size, PREFIX "%s%s%s", named ? netns : "", named ? "/" : "", ifname);
	return extcap_is_plain(text) && (!named || !strchr(netns, '/'));
}

bool extcap_place_parse(struct extcap_place *place, const char *text)
{
	size_t prefix = strlen(PREFIX), length;
	const char *ifname;

	memset(place, 0, sizeof(*place));
	if (!strcmp(text, EXTCAP_PLACE_NONE))
		return true;
	if (strncmp(text, PREFIX, prefix))
		return false;
	text += prefix;
	ifname = strchr(text, '/');
	length = ifname ? ifname - text : 0;
	ifname = ifname ? ifname + 1 : text;
	if (length >= sizeof(place->netns) || !*ifname || strlen(ifname) >= sizeof(place->ifname))
		return false;
	memcpy(place->netns, text, length);
	strcpy(place->ifname, ifname);
	return true;
}

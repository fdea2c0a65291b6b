// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Uses ethtool's ioctl, which works in the socket's network namespace; sysfs shows the namespace of
 * its mount.
 */
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "xdp/link_speed.h"

int link_speed_open(void)
{
	return socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
}

__u64 link_speed(int fd, const char *ifname)
{
	struct ethtool_cmd command = { .cmd = ETHTOOL_GSET };
	struct ifreq request = { .ifr_data = (void *)&command };
	__u32 megabits;

	strncpy(request.ifr_name, ifname, sizeof(request.ifr_name) - 1);
	if (fd < 0 || ioctl(fd, SIOCETHTOOL, &request))
		return 0;
	megabits = ethtool_cmd_speed(&command);
	return megabits == (__u32)SPEED_UNKNOWN ? 0 : megabits * 1000000ULL;
}

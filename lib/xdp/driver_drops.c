// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Reads ethtool's statistics. Their names are the driver's: "rx_queue_0_xdp_drops" of veth,
 * "rx0_xdp_drop" of mlx5, "queue_0_rx_xdp_drop" of ena, "Rx ring  0 XDP drops" of enetc.
 */
#include <ctype.h>
#include <errno.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "xdp/driver_drops.h"

/* The kernel writes as many as there are by now: a change of queues adds some. */
#define MORE_STATISTICS 4096

static int driver_drops_ask(int fd, const char *ifname, void *command)
{
	struct ifreq request = { .ifr_data = command };

	strncpy(request.ifr_name, ifname, sizeof(request.ifr_name) - 1);
	return ioctl(fd, SIOCETHTOOL, &request) ? -errno : 0;
}

static int driver_drops_size(int fd, const char *ifname, __u32 *count)
{
	union {
		struct ethtool_sset_info info;
		__u8 room[sizeof(struct ethtool_sset_info) + sizeof(*count)];
	} sets = { .info = { .cmd = ETHTOOL_GSSET_INFO, .sset_mask = 1ULL << ETH_SS_STATS } };
	int err = driver_drops_ask(fd, ifname, &sets);

	if (err)
		return err;
	memcpy(count, sets.room + sizeof(sets.info), sizeof(*count));
	return sets.info.sset_mask && *count ? 0 : -EOPNOTSUPP;
}

/* Frames that came in; those that a program sent are dropped by another driver, or queue. */
static bool driver_drops_is_one(const char *name)
{
	const char *xdp = strcasestr(name, "xdp");

	return xdp && strcasestr(xdp, "drop") && strncasecmp(name, "tx", 2) != 0 &&
	       !strcasestr(xdp, "tx") && !strcasestr(xdp, "xmit");
}

/* Some drivers have a counter of all queues beside those of each. */
static bool driver_drops_is_of_queue(const char *name)
{
	return strpbrk(name, "0123456789");
}

static int driver_drops_sum(const struct ethtool_gstrings *names,
			    const struct ethtool_stats *values, __u64 *drops)
{
	__u64 queues = 0, whole = 0;
	bool any_queue = false, any = false;

	for (__u32 i = 0; i < names->len && i < values->n_stats; i++) {
		char name[ETH_GSTRING_LEN + 1] = "";

		memcpy(name, names->data + i * ETH_GSTRING_LEN, ETH_GSTRING_LEN);
		if (!driver_drops_is_one(name))
			continue;
		any = true;
		if (driver_drops_is_of_queue(name)) {
			any_queue = true;
			queues += values->data[i];
		} else {
			whole += values->data[i];
		}
	}
	if (!any)
		return -EOPNOTSUPP;
	*drops = any_queue ? queues : whole;
	return 0;
}

int driver_drops(const char *ifname, __u64 *drops)
{
	CLEANUP_FD int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	CLEANUP_FREE struct ethtool_gstrings *names = NULL;
	CLEANUP_FREE struct ethtool_stats *values = NULL;
	__u32 count = 0;
	size_t room;
	int err = fd < 0 ? -errno : driver_drops_size(fd, ifname, &count);

	if (err)
		return err;
	room = (size_t)count + MORE_STATISTICS;
	names = calloc(1, sizeof(*names) + room * ETH_GSTRING_LEN);
	values = calloc(1, sizeof(*values) + room * sizeof(values->data[0]));
	if (!names || !values)
		return -ENOMEM;
	names->cmd = ETHTOOL_GSTRINGS;
	names->string_set = ETH_SS_STATS;
	names->len = count;
	values->cmd = ETHTOOL_GSTATS;
	values->n_stats = count;
	err = driver_drops_ask(fd, ifname, names) ?: driver_drops_ask(fd, ifname, values);
	/* they would be shifted */
	if (!err && names->len != values->n_stats)
		err = -EAGAIN;
	return err ?: driver_drops_sum(names, values, drops);
}

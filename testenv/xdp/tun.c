// SPDX-License-Identifier: GPL-2.0-only
/*
 * Has a tun device receive packets: those that are in a file, one after the other, each as often as
 * asked for.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "helper.h"

#define MAX_PACKET 2048

static int open_device(const char *name)
{
	struct ifreq request = { .ifr_flags = IFF_TUN | IFF_NO_PI };
	int fd = open("/dev/net/tun", O_RDWR);

	strncpy(request.ifr_name, name, sizeof(request.ifr_name) - 1);
	if (fd < 0 || ioctl(fd, TUNSETIFF, &request))
		die("%s: %s", name, strerror(errno));
	return fd;
}

static void set_up(const char *name)
{
	struct ifreq request = { 0 };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	strncpy(request.ifr_name, name, sizeof(request.ifr_name) - 1);
	if (fd < 0 || ioctl(fd, SIOCGIFFLAGS, &request))
		die("%s: %s", name, strerror(errno));
	request.ifr_flags |= IFF_UP;
	if (ioctl(fd, SIOCSIFFLAGS, &request))
		die("%s: %s", name, strerror(errno));
	close(fd);
}

int main(int argc, char **argv)
{
	char packet[MAX_PACKET];
	long count = argc > 2 ? atol(argv[2]) : 0;
	int device;

	if (argc < 4 || count < 1)
		die("needs a tun device, a number and files with one packet each");
	device = open_device(argv[1]);
	set_up(argv[1]);
	for (int file = 3; file < argc; file++) {
		int fd = open(argv[file], O_RDONLY);
		ssize_t size = fd < 0 ? -1 : read(fd, packet, sizeof(packet));

		if (size <= 0)
			die("%s: %s", argv[file], strerror(errno));
		close(fd);
		for (long n = 0; n < count; n++)
			if (write(device, packet, size) != size)
				die("%s: %s", argv[1], strerror(errno));
	}
	return 0;
}

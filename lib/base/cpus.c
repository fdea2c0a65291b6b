// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Parses the kernel's format of CPU lists.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/cpus.h"

int cpus_parse(const char *list, bool *online, unsigned int count)
{
	memset(online, 0, count * sizeof(*online));
	while (*list && *list != '\n') {
		char *end;
		unsigned long first = strtoul(list, &end, 10), last = first;

		if (end == list)
			return -EINVAL;
		if (*end == '-')
			last = strtoul(end + 1, &end, 10);
		for (; first <= last && first < count; first++)
			online[first] = true;
		if (*end == ',')
			end++;
		list = end;
	}
	return 0;
}

int cpus_online(bool *online, unsigned int count)
{
	CLEANUP_FD int fd = open("/sys/devices/system/cpu/online", O_RDONLY | O_CLOEXEC);
	char list[4096];
	ssize_t length;

	if (fd < 0)
		return -errno;
	length = read(fd, list, sizeof(list) - 1);
	if (length < 0)
		return -errno;
	list[length] = '\0';
	return cpus_parse(list, online, count);
}

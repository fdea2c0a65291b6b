// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Moves only the calling thread. Finds namespaces by mounts and by processes. A namespace that is
 * held only by a descriptor is not found.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "xdp/netns.h"

#define OWN "/proc/thread-self/ns/net"
#define NAMES "/run/netns/"
/* The kernel may lack memory for a moment. */
#define TRIES 100
#define RETRY_US 10000

struct search {
	netns_fn fn; /* returns 0: found. NULL: each is called */
	netns_each_fn each;
	void *data;
	ino_t *seen;
	size_t seen_count;
	int result; /* -ENODEV: not found yet; any other value ends the search */
};

int netns_open(const char *netns)
{
	const char *form = strchr(netns, '/')				 ? "%s" :
			   netns[strspn(netns, "0123456789")] || !*netns ? NAMES "%s" :
									   "/proc/%s/ns/net";
	CLEANUP_FD int fd = -1;
	char path[4096];

	snprintf(path, sizeof(path), form, netns);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	if (ioctl(fd, NS_GET_NSTYPE) != CLONE_NEWNET)
		return -EINVAL;
	return take_fd(&fd);
}

int netns_enter(struct netns_visit *visit, int fd)
{
	CLEANUP_FD int own = open(OWN, O_RDONLY | O_CLOEXEC);

	*visit = NETNS_AT_HOME;
	if (own < 0 || setns(fd, CLONE_NEWNET))
		return -errno;
	visit->own = take_fd(&own);
	return 0;
}

int netns_leave(struct netns_visit *visit)
{
	int err = 0;

	if (visit->own < 0)
		return 0;
	for (int tries = 0; tries < TRIES; tries++) {
		err = setns(visit->own, CLONE_NEWNET) ? -errno : 0;
		if (!err)
			break;
		usleep(RETRY_US);
	}
	close(visit->own);
	*visit = NETNS_AT_HOME;
	return err;
}

/* True also if there is no memory to record it; then it may be entered again. */
static bool netns_is_new(struct search *search, ino_t inode)
{
	for (size_t i = 0; i < search->seen_count; i++)
		if (search->seen[i] == inode)
			return false;
	if (ARRAY_GROW(search->seen, search->seen_count))
		search->seen[search->seen_count++] = inode;
	return true;
}

static void netns_try_path(struct search *search, const char *path, const char *netns)
{
	CLEANUP_FD int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct netns_visit visit;
	struct stat st;
	int err;

	/* setns() refuses files that are not network namespaces */
	if (search->result != -ENODEV || fd < 0 || fstat(fd, &st) ||
	    !netns_is_new(search, st.st_ino) || netns_enter(&visit, fd))
		return;
	if (search->each)
		search->each(search->data, netns);
	else
		search->result = search->fn(search->data) ? -ENODEV : 0;
	err = netns_leave(&visit);
	if (err)
		search->result = err;
}

static void netns_try_processes(struct search *search)
{
	DIR *processes = opendir("/proc");
	struct dirent *entry;
	char path[300];

	while (processes && search->result == -ENODEV && (entry = readdir(processes))) {
		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		snprintf(path, sizeof(path), "/proc/%s/ns/net", entry->d_name);
		netns_try_path(search, path, entry->d_name);
	}
	if (processes)
		closedir(processes);
}

/* Mounts of namespaces, as made by ip-netns(8): "ID PARENT MAJOR:MINOR net:[INODE] PATH ...". */
static void netns_try_mounts(struct search *search)
{
	FILE *mounts = fopen("/proc/self/mountinfo", "re");
	char line[4096], path[4096];

	while (mounts && search->result == -ENODEV && fgets(line, sizeof(line), mounts)) {
		bool named;

		if (sscanf(line, "%*d %*d %*s net:[%*u] %4095s", path) != 1)
			continue;
		named = !strncmp(path, NAMES, strlen(NAMES));
		netns_try_path(search, path, path + (named ? strlen(NAMES) : 0));
	}
	if (mounts)
		fclose(mounts);
}

unsigned int netns_inode(void)
{
	struct stat st;

	return stat(OWN, &st) ? 0 : st.st_ino;
}

static int netns_search_all(struct search *search)
{
	struct stat st;

	if (stat(OWN, &st))
		return -ENODEV;
	search->result = -ENODEV;
	netns_is_new(search, st.st_ino);
	netns_try_mounts(search);
	netns_try_processes(search);
	free(search->seen);
	return search->result;
}

int netns_search(netns_fn fn, void *data)
{
	struct search search = { .fn = fn, .data = data };

	return netns_search_all(&search);
}

int netns_each(netns_each_fn fn, void *data)
{
	struct search search = { .each = fn, .data = data };
	int err;

	fn(data, "");
	err = netns_search_all(&search);
	return err == -ENODEV ? 0 : err;
}

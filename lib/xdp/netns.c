// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Enters network namespaces with one thread, this one. A namespace that is neither mounted nor
 * a process's, but held by a descriptor only, is not found.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "xdp/netns.h"

#define OWN "/proc/thread-self/ns/net"

struct search {
	netns_fn fn;
	void *data;
	int own; /* descriptor of the namespace to come back to */
	ino_t *seen;
	size_t seen_count;
	int result; /* 0: found */
};

/* Also when there is no memory to remember it: then it may be entered again. */
static bool netns_is_new(struct search *search, ino_t inode)
{
	ino_t *grown;

	for (size_t i = 0; i < search->seen_count; i++)
		if (search->seen[i] == inode)
			return false;
	grown = realloc(search->seen, (search->seen_count + 1) * sizeof(*grown));
	if (grown) {
		search->seen = grown;
		grown[search->seen_count++] = inode;
	}
	return true;
}

static void netns_try_path(struct search *search, const char *path)
{
	CLEANUP_FD int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;

	/* anything may be mounted: setns() refuses what is no network namespace */
	if (!search->result || fd < 0 || fstat(fd, &st) || !netns_is_new(search, st.st_ino) ||
	    setns(fd, CLONE_NEWNET))
		return;
	search->result = search->fn(search->data) ? -ENODEV : 0;
	setns(search->own, CLONE_NEWNET);
}

static void netns_try_processes(struct search *search)
{
	DIR *processes = opendir("/proc");
	struct dirent *entry;
	char path[300];

	while (processes && search->result && (entry = readdir(processes))) {
		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		snprintf(path, sizeof(path), "/proc/%s/ns/net", entry->d_name);
		netns_try_path(search, path);
	}
	if (processes)
		closedir(processes);
}

/* "ID PARENT MAJOR:MINOR net:[INODE] PATH ...": what ip-netns(8) and others keep. */
static void netns_try_mounts(struct search *search)
{
	FILE *mounts = fopen("/proc/self/mountinfo", "re");
	char line[4096], path[4096];

	while (mounts && search->result && fgets(line, sizeof(line), mounts))
		if (sscanf(line, "%*d %*d %*s net:[%*u] %4095s", path) == 1)
			netns_try_path(search, path);
	if (mounts)
		fclose(mounts);
}

unsigned int netns_inode(void)
{
	struct stat st;

	return stat(OWN, &st) ? 0 : st.st_ino;
}

int netns_search(netns_fn fn, void *data)
{
	CLEANUP_FD int own = open(OWN, O_RDONLY | O_CLOEXEC);
	struct search search = { .fn = fn, .data = data, .own = own, .result = -ENODEV };
	struct stat st;

	if (own < 0 || fstat(own, &st))
		return -ENODEV;
	netns_is_new(&search, st.st_ino);
	netns_try_mounts(&search);
	netns_try_processes(&search);
	free(search.seen);
	return search.result;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Waits, in one of several ways, for the end of a program of grace.bpf.c that the next frame
 * starts. Prints "waited" if that returned after the program's end, "outlived" if before.
 *
 *	grace array|map|rcu_wait|membarrier PIN
 *
 *	array       updates an ordinary map, for which the kernel waits for nothing
 *	map         updates a map of maps
 *	rcu_wait    does what the library does
 *	membarrier  likewise, where it can make no map
 *
 * Ends with status 2 if the program ended before the wait began.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <bpf/bpf.h>
#include <linux/membarrier.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bpf/rcu_wait.h"
#include "grace.h"
#include "helper.h"

#define POLL_US 100

enum way { ARRAY, MAP, RCU_WAIT, MEMBARRIER, WAYS };
static const char *const ways[WAYS] = { "array", "map", "rcu_wait", "membarrier" };

static volatile struct grace *open_grace(const char *pin)
{
	int fd = bpf_obj_get(pin);
	void *mapped;

	if (fd < 0)
		die("%s: %s", pin, strerror(errno));
	mapped = mmap(NULL, sizeof(struct grace), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (mapped == MAP_FAILED)
		die("mmap: %s", strerror(errno));
	close(fd);
	return mapped;
}

static int make_map(enum bpf_map_type type, int inner)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .inner_map_fd = inner < 0 ? 0 : inner);
	int fd = bpf_map_create(type, "grace", 4, 4, 1, &opts);

	if (fd < 0)
		die("map: %s", strerror(errno));
	return fd;
}

static void update(int map, int value)
{
	const int slot = 0;

	if (bpf_map_update_elem(map, &slot, &value, BPF_ANY))
		die("update: %s", strerror(errno));
}

int main(int argc, char **argv)
{
	int array = make_map(BPF_MAP_TYPE_ARRAY, -1);
	int maps = make_map(BPF_MAP_TYPE_ARRAY_OF_MAPS, array);
	volatile struct grace *grace;
	enum way way;

	if (argc != 3)
		die("usage: grace array|map|rcu_wait|membarrier PIN");
	way = word(argv[1], ways, WAYS);
	grace = open_grace(argv[2]);
	memset((void *)grace, 0, sizeof(*grace));
	grace->armed = 1;
	while (!grace->running)
		usleep(POLL_US);
	grace->started = 1;
	if (way == ARRAY)
		update(array, 1);
	else if (way == MAP)
		update(maps, array);
	else if (way == RCU_WAIT)
		rcu_wait();
	else if (syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0))
		die("membarrier: %s", strerror(errno));
	grace->returned = 1;
	while (grace->armed)
		usleep(POLL_US);
	if (!grace->ended)
		return 2;
	puts(grace->outlived ? "outlived" : "waited");
	return 0;
}

// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Changes the map's value in mapped memory. The arming lock, or ownership by a single session,
 * prevents concurrent writers. Programs read at any time.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>

#include "bpf/bpfinfo.h"
#include "base/cleanup.h"
#include "control.h"
#include "bpf/iface_map.h"

#define NAME "xdpdrop_ifaces"

int iface_map_create(__u32 link_type)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = BPF_F_MMAPABLE);
	const struct xdpdrop_iface_map empty = { .link_type = link_type };
	CLEANUP_FD int fd =
		bpf_map_create(BPF_MAP_TYPE_ARRAY, NAME, sizeof(__u32), sizeof(empty), 1, &opts);
	__u32 key = 0;

	if (fd < 0 || bpf_map_update_elem(fd, &key, &empty, BPF_ANY))
		return -errno;
	return take_fd(&fd);
}

__u32 iface_map_link_type(int fd)
{
	struct xdpdrop_iface_map map;
	__u32 key = 0;

	return bpf_map_lookup_elem(fd, &key, &map) ? 0 : map.link_type;
}

int iface_map_of(__u32 id)
{
	struct bpf_map_info info;
	CLEANUP_FD int map = bpfinfo_map_of(id, NAME, &info);

	if (map < 0)
		return map;
	return info.value_size == sizeof(struct xdpdrop_iface_map) &&
			       info.map_flags & BPF_F_MMAPABLE ?
		       take_fd(&map) :
		       -ENOENT;
}

static bool iface_map_lists(const __u32 *devices, unsigned int count, __u32 ifindex)
{
	for (unsigned int i = 0; i < count; i++)
		if (devices[i] == ifindex)
			return true;
	return false;
}

static bool iface_map_has(const struct xdpdrop_iface_map *map, __u32 point, __u32 ifindex)
{
	for (__u32 i = 0; i < map->used; i++)
		if (map->iface[i].ifindex == ifindex && map->iface[i].point == point)
			return true;
	return false;
}

static void iface_map_store(struct xdpdrop_iface_map *map, __u32 at, __u32 ifindex, __u32 point)
{
	const union xdpdrop_iface iface = { .ifindex = ifindex, .point = point };

	__atomic_store_n(&map->iface[at].whole, iface.whole, __ATOMIC_RELAXED);
}

static int iface_map_add(struct xdpdrop_iface_map *map, __u32 point, __u32 ifindex)
{
	__u32 i = 0;

	while (i < map->used && map->iface[i].ifindex)
		i++;
	if (i == XDPDROP_MAX_DEVICES)
		return -ENOSPC;
	iface_map_store(map, i, ifindex, point);
	if (i == map->used)
		__atomic_store_n(&map->used, i + 1, __ATOMIC_RELEASE);
	return 0;
}

/* Returns the first error. Other entries are changed in spite of it. */
static int iface_map_change(struct xdpdrop_iface_map *map, __u32 point, const __u32 *devices,
			    unsigned int count)
{
	int err = 0;

	for (__u32 i = 0; i < map->used; i++)
		if (map->iface[i].ifindex && map->iface[i].point == point &&
		    !iface_map_lists(devices, count, map->iface[i].ifindex))
			iface_map_store(map, i, 0, 0);
	for (unsigned int i = 0; i < count; i++)
		if (!iface_map_has(map, point, devices[i]))
			err = iface_map_add(map, point, devices[i]) ?: err;
	return err;
}

/* Returns the number of used entries, or -errno. */
static int iface_map_write(int fd, __u32 point, const __u32 *devices, unsigned int count)
{
	struct xdpdrop_iface_map *map =
		mmap(NULL, sizeof(*map), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	int used = 0, err;

	if (map == MAP_FAILED)
		return -errno;
	err = iface_map_change(map, point, devices, count);
	for (__u32 i = 0; i < map->used; i++)
		used += map->iface[i].ifindex != 0;
	munmap(map, sizeof(*map));
	return err ?: used;
}

int iface_map_put(int fd, __u32 point, const __u32 *devices, unsigned int count)
{
	int used = iface_map_write(fd, point, devices, count);

	return used < 0 ? used : 0;
}

int iface_map_remove(int fd, __u32 point)
{
	return iface_map_write(fd, point, NULL, 0);
}

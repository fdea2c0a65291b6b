// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Changes the one value of the table's map where it is. The arming lock, or a single session,
 * keeps two writers apart; programs read at any time.
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

#define NAME "xdpdrop_ports"

int iface_map_create(void)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = BPF_F_MMAPABLE);
	int fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, NAME, sizeof(__u32),
				sizeof(struct xdpdrop_iface_map), 1, &opts);

	return fd < 0 ? -errno : fd;
}

int iface_map_of(__u32 id)
{
	CLEANUP_FD int program = bpf_prog_get_fd_by_id(id);
	__u32 maps[BPFINFO_MAX_MAPS];
	struct bpf_prog_info info;
	int err = program < 0 ? -errno : bpfinfo_program(program, &info, maps);

	for (__u32 i = 0; !err && i < info.nr_map_ids; i++) {
		CLEANUP_FD int map = bpf_map_get_fd_by_id(maps[i]);
		struct bpf_map_info map_info;

		if (map >= 0 && !bpfinfo_map(map, &map_info) && !strcmp(map_info.name, NAME) &&
		    map_info.value_size == sizeof(struct xdpdrop_iface_map) &&
		    map_info.map_flags & BPF_F_MMAPABLE)
			return take_fd(&map);
	}
	return err ?: -ENOENT;
}

/*
 * Make the first entry of interface @from be @to, and count those in use. -ENOENT: no such
 * interface.
 */
static int iface_map_change(int fd, __u32 from, union xdpdrop_iface to, int *used)
{
	struct xdpdrop_iface_map *ifaces =
		mmap(NULL, sizeof(*ifaces), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	bool changed = false;

	if (ifaces == MAP_FAILED)
		return -errno;
	*used = 0;
	for (int i = 0; i < XDPDROP_MAX_IFACES; i++) {
		if (!changed && ifaces->iface[i].ifindex == from) {
			__atomic_store_n(&ifaces->iface[i].whole, to.whole, __ATOMIC_RELAXED);
			changed = true;
		}
		*used += ifaces->iface[i].ifindex != 0;
	}
	munmap(ifaces, sizeof(*ifaces));
	return changed ? 0 : -ENOENT;
}

int iface_map_add(int fd, __u32 ifindex, __u32 point)
{
	const union xdpdrop_iface iface = { .ifindex = ifindex, .point = point };
	int used, err = iface_map_change(fd, 0, iface, &used);

	return err == -ENOENT ? -ENOSPC : err;
}

int iface_map_remove(int fd, __u32 ifindex)
{
	int used, err = iface_map_change(fd, ifindex, (union xdpdrop_iface){ .whole = 0 }, &used);

	return err && err != -ENOENT ? err : used;
}

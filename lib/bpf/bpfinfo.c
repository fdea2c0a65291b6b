// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Strings from the kernel were chosen by others, and are cleaned.
 */
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bpf/bpfinfo.h"
#include "base/cleanup.h"
#include "base/utf8.h"

int bpfinfo_program(int fd, struct bpf_prog_info *info, __u32 *maps)
{
	__u32 size = sizeof(*info);

	memset(info, 0, sizeof(*info));
	if (maps) {
		info->nr_map_ids = BPFINFO_MAX_MAPS;
		info->map_ids = (__u64)(unsigned long)maps;
	}
	if (bpf_obj_get_info_by_fd(fd, info, &size))
		return -errno;
	if (maps && info->nr_map_ids > BPFINFO_MAX_MAPS)
		info->nr_map_ids = BPFINFO_MAX_MAPS;
	return 0;
}

bool bpfinfo_is_map(int fd)
{
	static const char map[] = "anon_inode:bpf-map";
	char path[40], kind[sizeof(map) + 1];
	ssize_t length;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	length = readlink(path, kind, sizeof(kind));
	return length == sizeof(map) - 1 && !memcmp(kind, map, length);
}

int bpfinfo_map(int fd, struct bpf_map_info *info)
{
	__u32 size = sizeof(*info);

	memset(info, 0, sizeof(*info));
	return bpf_obj_get_info_by_fd(fd, info, &size) ? -errno : 0;
}

int bpfinfo_map_of(__u32 id, const char *name, struct bpf_map_info *info)
{
	CLEANUP_FD int program = bpf_prog_get_fd_by_id(id);
	__u32 maps[BPFINFO_MAX_MAPS];
	struct bpf_prog_info program_info;
	int err = program < 0 ? -errno : bpfinfo_program(program, &program_info, maps);

	for (__u32 i = 0; !err && i < program_info.nr_map_ids; i++) {
		CLEANUP_FD int map = bpf_map_get_fd_by_id(maps[i]);

		err = map < 0 ? -errno : bpfinfo_map(map, info);
		if (!err && !strcmp(info->name, name))
			return take_fd(&map);
	}
	return err ?: -ENOENT;
}

/* The first function in func_info is the program's main function. */
int bpfinfo_function(int fd, char *name, size_t size)
{
	struct bpf_func_info function = { 0 };
	struct bpf_prog_info info = {
		.nr_func_info = 1,
		.func_info_rec_size = sizeof(function),
		.func_info = (__u64)(unsigned long)&function,
	};
	__u32 info_size = sizeof(info);
	const struct btf_type *type;
	struct btf *btf;
	int err = -ENOENT;

	if (bpf_obj_get_info_by_fd(fd, &info, &info_size))
		return -errno;
	if (!info.nr_func_info)
		return -ENOENT;
	btf = btf__load_from_kernel_by_id(info.btf_id);
	if (!btf)
		return -errno;
	type = btf__type_by_id(btf, function.type_id);
	if (type && btf_is_func(type)) {
		const char *full = btf__name_by_offset(btf, type->name_off);

		if (full && *full) {
			snprintf(name, size, "%s", full);
			err = 0;
		}
	}
	btf__free(btf);
	return err;
}

void bpfinfo_program_name(int fd, char *name, size_t size)
{
	struct bpf_prog_info info;

	if (bpfinfo_program(fd, &info, NULL))
		snprintf(name, size, "<unknown>");
	else if (strnlen(info.name, sizeof(info.name)) < BPF_OBJ_NAME_LEN - 1 || !info.btf_id ||
		 bpfinfo_function(fd, name, size))
		snprintf(name, size, "%.*s", (int)sizeof(info.name),
			 info.name[0] ? info.name : "<unnamed>");
	utf8_to_ascii(name);
}

void bpfinfo_name_by_id(__u32 id, char *name, size_t size)
{
	CLEANUP_FD int fd = bpf_prog_get_fd_by_id(id);

	bpfinfo_program_name(fd, name, size);
}

__u32 bpfinfo_xdp_link(__u32 id, __u32 ifindex, __u32 program_id)
{
	while (!bpf_link_get_next_id(id, &id)) {
		CLEANUP_FD int fd = bpf_link_get_fd_by_id(id);
		struct bpf_link_info info = { 0 };
		__u32 size = sizeof(info);

		if (fd < 0 || bpf_obj_get_info_by_fd(fd, &info, &size))
			continue;
		if (info.type == BPF_LINK_TYPE_XDP && info.xdp.ifindex == ifindex &&
		    info.prog_id == program_id)
			return id;
	}
	return 0;
}

int bpfinfo_try_tail_call(int fd)
{
	CLEANUP_FD int map = bpf_map_create(BPF_MAP_TYPE_PROG_ARRAY, "xdpdrop_try", sizeof(__u32),
					    sizeof(__u32), 1, NULL);
	__u32 slot = 0;

	if (map < 0 || bpf_map_update_elem(map, &slot, &fd, BPF_ANY))
		return -errno;
	/* otherwise the program would stay loaded until the kernel frees the map */
	bpf_map_delete_elem(map, &slot);
	return 0;
}

int bpfinfo_owner_type(int map_fd, __u32 *type)
{
	char path[40], line[128];
	int err = -ENOENT;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", map_fd);
	file = fopen(path, "re");
	if (!file)
		return -errno;
	while (err && fgets(line, sizeof(line), file))
		if (sscanf(line, "owner_prog_type: %u", type) == 1)
			err = 0;
	fclose(file);
	return err;
}

// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Every program of a session names a map that no process can change. It names a program that
 * nothing but the session's processes keeps in the kernel: when that is gone, so is the session,
 * whatever namespaces the two are in, and whatever process has its number now.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bpf/bpfinfo.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "bpf/owner.h"

#define OWNER_NAME "xdpdrop_owner"
#define PROGRAM_PREFIX "xdpdrop_"

/*
 * Has process @pid ended? One that is dead but not yet waited for has no thread (field 20 of
 * /proc/PID/stat) but its first, in state Z or X; the name in field 2 may contain anything but its
 * last ")". If the query fails, for want of memory or descriptors, it has not ended.
 */
static bool owner_has_ended(__u32 pid)
{
	char path[32], text[1024], *end, state;
	unsigned long threads;
	ssize_t length;

	snprintf(path, sizeof(path), "/proc/%u/stat", pid);
	CLEANUP_FD int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return errno == ENOENT;
	length = read(fd, text, sizeof(text) - 1);
	if (length <= 0)
		return length < 0 && errno == ESRCH;
	text[length] = '\0';
	end = strrchr(text, ')');
	return end &&
	       sscanf(end,
		      ") %c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %lu",
		      &state, &threads) == 2 &&
	       strchr("ZX", state) && threads <= 1;
}

static __u64 owner_namespace_inode(const char *path)
{
	struct stat st;

	return stat(path, &st) ? 0 : st.st_ino;
}

int owner_create(int lease_fd)
{
	struct xdpdrop_owner owner = { .magic = XDPDROP_OWNER_MAGIC,
				       .version = XDPDROP_OWNER_VERSION,
				       .pid = getpid(),
				       .pid_ns = owner_namespace_inode("/proc/self/ns/pid") };
	struct bpf_prog_info lease;
	int err = bpfinfo_program(lease_fd, &lease, NULL);
	__u32 key = 0;

	if (err)
		return err;
	owner.lease_loaded = lease.load_time;
	owner.lease_id = lease.id;
	CLEANUP_FD int map =
		bpf_map_create(BPF_MAP_TYPE_ARRAY, OWNER_NAME, sizeof(key), sizeof(owner), 1, NULL);

	if (map < 0 || bpf_map_update_elem(map, &key, &owner, BPF_ANY) || bpf_map_freeze(map))
		return -errno;
	return take_fd(&map);
}

/*
 * Numbers of programs, and the times at which they were loaded, are the kernel's, the same in all
 * namespaces. A program whose query fails counts as loaded.
 */
static bool owner_has_lease(const struct xdpdrop_owner *signature)
{
	CLEANUP_FD int lease = bpf_prog_get_fd_by_id(signature->lease_id);
	struct bpf_prog_info info;

	if (lease < 0)
		return errno != ENOENT;
	return bpfinfo_program(lease, &info, NULL) || info.load_time == signature->lease_loaded;
}

/*
 * The lease's program is open in the watchdog, too. Where the owner's number means something, its
 * end counts, which is a little earlier.
 */
static bool owner_is_alive(const struct xdpdrop_owner *signature)
{
	return owner_has_lease(signature) &&
	       (signature->pid_ns != owner_namespace_inode("/proc/self/ns/pid") ||
		!owner_has_ended(signature->pid));
}

static int owner_read(int map, struct xdpdrop_owner *signature)
{
	struct bpf_map_info info;
	__u32 key = 0;
	int err = bpfinfo_map(map, &info);

	if (err)
		return err;
	if (strcmp(info.name, OWNER_NAME) != 0 || info.type != BPF_MAP_TYPE_ARRAY ||
	    info.value_size != sizeof(*signature))
		return -ENOENT;
	if (bpf_map_lookup_elem(map, &key, signature))
		return -errno;
	if (signature->magic != XDPDROP_OWNER_MAGIC || signature->version != XDPDROP_OWNER_VERSION)
		return -ENOENT;
	return 0;
}

int owner_of(__u32 id, struct owner *owner)
{
	struct bpf_prog_info info;
	__u32 maps[BPFINFO_MAX_MAPS];
	CLEANUP_FD int program = bpf_prog_get_fd_by_id(id);
	int err = program < 0 ? -errno : bpfinfo_program(program, &info, maps);

	if (err)
		return err;
	/* other programs' maps are not ours to open without need: see pipeline_close() */
	if (strncmp(info.name, PROGRAM_PREFIX, strlen(PROGRAM_PREFIX)) != 0)
		return -ENOENT;
	err = -ENOENT;
	for (__u32 i = 0; i < info.nr_map_ids; i++) {
		CLEANUP_FD int map = bpf_map_get_fd_by_id(maps[i]);
		struct xdpdrop_owner signature;
		int failed = map < 0 ? -errno : owner_read(map, &signature);

		if (failed) {
			err = err == -ENOENT ? failed : err;
			continue;
		}
		*owner = (struct owner){ .pid = signature.pid,
					 .map_id = maps[i],
					 .alive = owner_is_alive(&signature) };
		return 0;
	}
	return err;
}

// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Every capture program shares its session's control page, in which the session signed with
 * its pid and start time: that outlives the process and is not fooled by pid reuse.
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

#define CONTROL_NAME "xdpdrop_control"
#define PROGRAM_PREFIX "xdpdrop_"

/*
 * Field 22 of /proc/PID/stat; the name in field 2 may contain anything but its last ")". A process
 * that is dead but not yet waited for has no thread (field 20) but its first, in state Z or X.
 */
static int owner_process_start(__u32 pid, __u64 *start)
{
	char path[32], text[1024], *end, state;
	unsigned long long ticks;
	unsigned long threads;
	ssize_t length;

	snprintf(path, sizeof(path), "/proc/%u/stat", pid);
	CLEANUP_FD int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	length = read(fd, text, sizeof(text) - 1);
	if (length <= 0)
		return length ? -errno : -ESRCH;
	text[length] = '\0';
	end = strrchr(text, ')');
	if (!end || sscanf(end,
			   ") %c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s "
			   "%lu %*s %llu",
			   &state, &threads, &ticks) != 3)
		return -EINVAL;
	if (strchr("ZX", state) && threads <= 1)
		return -ESRCH;
	*start = ticks;
	return 0;
}

static __u64 owner_namespace_inode(const char *path)
{
	struct stat st;

	return stat(path, &st) ? 0 : st.st_ino;
}

int owner_sign(struct xdpdrop_control *control)
{
	__u64 start;
	int err = owner_process_start(getpid(), &start);

	if (err)
		return err;
	control->pid = getpid();
	control->pid_start = start;
	control->pid_ns = owner_namespace_inode("/proc/self/ns/pid");
	return 0;
}

/*
 * From another pid namespace only the deadline, which the session keeps moving, tells. One that
 * cannot be asked, for want of memory or descriptors, is not dead for that.
 */
static bool owner_is_alive(const struct xdpdrop_control *control)
{
	__u64 start;
	int err;

	if (control->pid_ns != owner_namespace_inode("/proc/self/ns/pid"))
		return control->deadline > clock_monotonic();
	err = owner_process_start(control->pid, &start);
	return err ? err != -ENOENT && err != -ESRCH : start == control->pid_start;
}

static int owner_read_control(int map, struct xdpdrop_control *control)
{
	struct bpf_map_info info;
	__u32 key = 0;

	if (bpfinfo_map(map, &info) || strcmp(info.name, CONTROL_NAME) ||
	    info.type != BPF_MAP_TYPE_ARRAY || info.value_size != sizeof(*control))
		return -ENOENT;
	if (bpf_map_lookup_elem(map, &key, control))
		return -errno;
	if (control->magic != XDPDROP_CONTROL_MAGIC || control->version != XDPDROP_CONTROL_VERSION)
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
	for (__u32 i = 0; i < info.nr_map_ids; i++) {
		CLEANUP_FD int map = bpf_map_get_fd_by_id(maps[i]);
		struct xdpdrop_control control;

		if (map < 0 || owner_read_control(map, &control))
			continue;
		*owner = (struct owner){ .pid = control.pid,
					 .control_id = maps[i],
					 .alive = owner_is_alive(&control) };
		return 0;
	}
	return -ENOENT;
}

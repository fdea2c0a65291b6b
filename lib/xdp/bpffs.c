// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Paths in the BPF file system, which is where libxdp looks for it: $LIBXDP_BPFFS, else
 * /sys/fs/bpf.
 */
#include <bpf/bpf.h>
#include <dirent.h>
#include <errno.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "xdp/bpffs.h"

/* The inode of the first process namespace; fixed since Linux 3.8. */
#define PROC_PID_INIT_INO 0xEFFFFFFCU

static const char *bpffs_root(void)
{
	const char *path = secure_getenv("LIBXDP_BPFFS");

	return path && strlen(path) <= BPFFS_ROOT_MAX ? path : "/sys/fs/bpf";
}

int bpffs_check_path(const struct log *log)
{
	const char *path = secure_getenv("LIBXDP_BPFFS");

	if (!path || strlen(path) <= BPFFS_ROOT_MAX)
		return 0;
	return log_error(log, -ENAMETOOLONG,
			 "the path in the environment variable LIBXDP_BPFFS has %zu characters; "
			 "there is room for %d",
			 strlen(path), BPFFS_ROOT_MAX);
}

static void bpffs_directory(char *path, size_t size)
{
	snprintf(path, size, "%s/xdpdrop", bpffs_root());
}

void bpffs_libxdp_directory(char *path, size_t size)
{
	snprintf(path, size, "%s/xdp", bpffs_root());
}

/* Does @match say so of a line of @path? */
typedef bool (*bpffs_match_fn)(const char *line, void *data);
static bool bpffs_find_line(const char *path, bpffs_match_fn match, void *data)
{
	FILE *file = fopen(path, "re");
	CLEANUP_FREE char *line = NULL;
	bool found = false;
	size_t size = 0;

	while (file && !found && getline(&line, &size, file) > 0)
		found = match(line, data);
	if (file)
		fclose(file);
	return found;
}

/* "NSpid: PID [PID ...]", from the process namespace of /proc to that of the process. */
static bool bpffs_has_one_pid(const char *line, void *data)
{
	int pid, more;

	(void)data;
	return sscanf(line, "NSpid: %d %d", &pid, &more) == 1 && pid == getpid();
}

/* Is this the first process namespace, and does /proc show that one? Its process 1 never ends. */
static bool bpffs_sees_first_process(void)
{
	struct stat ns;

	return !stat("/proc/self/ns/pid", &ns) && ns.st_ino == PROC_PID_INIT_INO &&
	       bpffs_find_line("/proc/self/status", bpffs_has_one_pid, NULL);
}

/* "ID PARENT MAJOR:MINOR ROOT PATH ...": the same file system as @data's. */
static bool bpffs_is_on_device(const char *line, void *data)
{
	const struct stat *ours = data;
	unsigned int major_number, minor_number;

	return sscanf(line, "%*u %*u %u:%u", &major_number, &minor_number) == 2 &&
	       major_number == major(ours->st_dev) && minor_number == minor(ours->st_dev);
}

static bool bpffs_is_mount_id(const char *line, void *data)
{
	unsigned long id;

	return sscanf(line, "%lu", &id) == 1 && id == *(unsigned long *)data;
}

static bool bpffs_is_root(const char *line, void *data)
{
	unsigned long *id = data;
	char path[4];

	return sscanf(line, "%lu %*u %*s %*s %3s", id, path) == 2 && !strcmp(path, "/");
}

/* Each mount of a namespace has a number of its own. */
static bool bpffs_shares_mounts(void)
{
	unsigned long root = 0;

	return bpffs_find_line("/proc/self/mountinfo", bpffs_is_root, &root) &&
	       bpffs_find_line("/proc/1/mountinfo", bpffs_is_mount_id, &root);
}

/*
 * A file system that process 1 has mounted, too, outlives all others; its mounts can be read where
 * its root directory cannot. What is not known is private.
 */
static bool bpffs_is_private(void)
{
	struct stat ours;

	return !bpffs_sees_first_process() || stat(bpffs_root(), &ours) ||
	       !bpffs_find_line("/proc/1/mountinfo", bpffs_is_on_device, &ours);
}

int bpffs_check(bool unsafe, const struct log *log, char *why, size_t size)
{
	bool shared = bpffs_sees_first_process() && bpffs_shares_mounts(), there;
	char hint[LOG_HINT_SIZE];
	struct statfs fs;

	unsafe = unsafe || secure_getenv("XDPDROP_UNSAFE_BPFFS");
	there = !statfs(bpffs_root(), &fs) && fs.f_type == BPF_FS_MAGIC;
	if (there && (unsafe || !bpffs_is_private()))
		return 0;
	if (!there && (unsafe || shared)) {
		snprintf(why, size,
			 "no BPF file system at %s to keep the wrapped program in; mount one%s",
			 bpffs_root(),
			 log_hint(log, XDPDROP_HINT_MOUNT_BPFFS, bpffs_root(), hint, sizeof(hint)));
		return -ENOENT;
	}
	snprintf(why, size,
		 "a kill of this container, or of all processes in this mount namespace, would "
		 "leave the interface without its program, because the BPF file system here is "
		 "private; start from the mount namespace of the host%s",
		 log_hint(log, XDPDROP_HINT_HOST_MOUNTS, NULL, hint, sizeof(hint)));
	return -EPERM;
}

void bpffs_pin_path(__u32 id, char *path, size_t size)
{
	snprintf(path, size, "%s/xdpdrop/wrap-%u", bpffs_root(), id);
}

int bpffs_pin(int fd, __u32 id, char *path, size_t size)
{
	char dir[BPFFS_PATH_SIZE];
	int err;

	bpffs_directory(dir, sizeof(dir));
	bpffs_pin_path(id, path, size);
	for (int tries = 0; tries < 3; tries++) {
		if (mkdir(dir, 0700) && errno != EEXIST) {
			err = -errno;
			break;
		}
		if (!bpf_obj_pin(fd, path))
			return 0;
		err = -errno;
		/* somebody has removed the directory, which was empty */
		if (err != -ENOENT)
			break;
	}
	path[0] = '\0';
	rmdir(dir);
	return err;
}

void bpffs_unpin(const char *path)
{
	char dir[BPFFS_PATH_SIZE];

	unlink(path);
	bpffs_directory(dir, sizeof(dir));
	rmdir(dir);
}

int bpffs_remove_pins(bpffs_pin_fn fn, const struct log *log)
{
	char dir[BPFFS_PATH_SIZE], path[BPFFS_PATH_SIZE];
	struct dirent *entry;
	int removed = 0;
	DIR *files;

	bpffs_directory(dir, sizeof(dir));
	files = opendir(dir);
	while (files && (entry = readdir(files))) {
		__u32 id = strncmp(entry->d_name, "wrap-", 5) ? 0 : atol(entry->d_name + 5);

		bpffs_pin_path(id, path, sizeof(path));
		if (!id || strcmp(strrchr(path, '/') + 1, entry->d_name) || !fn(id, log))
			continue;
		unlink(path);
		removed++;
	}
	if (files)
		closedir(files);
	rmdir(dir);
	return removed;
}

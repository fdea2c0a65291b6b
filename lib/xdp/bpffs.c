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
#include <sys/vfs.h>
#include <unistd.h>

#include "xdp/bpffs.h"

static const char *bpffs_root(void)
{
	const char *path = secure_getenv("LIBXDP_BPFFS");

	return path && strlen(path) < 48 ? path : "/sys/fs/bpf";
}

static void bpffs_directory(char *path, size_t size)
{
	snprintf(path, size, "%s/xdpdrop", bpffs_root());
}

void bpffs_libxdp_directory(char *path, size_t size)
{
	snprintf(path, size, "%s/xdp", bpffs_root());
}

/*
 * Does the file system there end with this mount namespace? The first process tells as far as we
 * may ask it; in a process namespace of its own it is in the same boat.
 */
static bool bpffs_is_private(void)
{
	char path[64];
	struct stat ours, first;

	snprintf(path, sizeof(path), "/proc/1/root%s", bpffs_root());
	if (stat(bpffs_root(), &ours))
		return false;
	if (stat(path, &first))
		return errno == ENOENT;
	return ours.st_dev != first.st_dev;
}

int bpffs_check(char *why, size_t size)
{
	struct statfs fs;

	if (statfs(bpffs_root(), &fs) || fs.f_type != BPF_FS_MAGIC) {
		snprintf(why, size,
			 "no BPF file system at %s to keep the wrapped program in (mount one: "
			 "mount -t bpf bpf %s)",
			 bpffs_root(), bpffs_root());
		return -ENOENT;
	}
	if (!bpffs_is_private())
		return 0;
	snprintf(why, size,
		 "the BPF file system at %s is not the machine's and would take the wrapped "
		 "program along if everything in here was killed (ip netns exec makes it so: use "
		 "nsenter --net=/run/netns/NAME)",
		 bpffs_root());
	return -EPERM;
}

void bpffs_pin_path(__u32 id, char *path, size_t size)
{
	snprintf(path, size, "%s/xdpdrop/wrap-%u", bpffs_root(), id);
}

int bpffs_pin(int fd, __u32 id, char *path, size_t size)
{
	char dir[96];
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
	char dir[96];

	unlink(path);
	bpffs_directory(dir, sizeof(dir));
	rmdir(dir);
}

int bpffs_remove_pins(bpffs_pin_fn fn, const struct log *log)
{
	char dir[96], path[128];
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

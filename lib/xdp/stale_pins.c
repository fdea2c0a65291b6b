// SPDX-License-Identifier: LGPL-2.1-only
/*
 * libxdp creates a directory of pins for the new dispatcher, attaches it, and removes the directory
 * of the old one. A kill in between leaves one of the two directories, which keeps its programs
 * loaded. libxdp_clean_references() removes each directory whose interface has another dispatcher.
 * That includes the directory of an interface with the same index in another network namespace, and
 * of a dispatcher that is about to be attached. So the checks here are stricter.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "xdp/bpffs.h"
#include "bpf/bpfinfo.h"
#include "base/cleanup.h"
#include "xdp/netns.h"
#include "bpf/owner.h"
#include "xdp/stale_pins.h"

#define PATH_SIZE 512
/* A process that has one open soon attaches it or ends. */
#define ATTEMPTS 50
#define RETRY_US 100000

/* What is pinned at @path, a link or a program; @link is all 0 for a program. 0 or -errno. */
static int stale_pins_read(const char *path, __u32 *program_id, struct bpf_link_info *link)
{
	const char *kind = strrchr(path, '-');
	CLEANUP_FD int fd = bpf_obj_get(path);
	struct bpf_prog_info program;
	__u32 size = sizeof(*link);
	int err = fd < 0 ? -errno : 0;

	memset(link, 0, sizeof(*link));
	if (err || !kind)
		return err ? err : -EINVAL;
	if (!strcmp(kind, "-link")) {
		err = bpf_obj_get_info_by_fd(fd, link, &size) ? -errno : 0;
		*program_id = link->prog_id;
		return err;
	}
	if (strcmp(kind, "-prog") != 0)
		return -EINVAL;
	err = bpfinfo_program(fd, &program, NULL);
	*program_id = program.id;
	return err;
}

/* The id of the pinned program, or of the program that the pinned link attaches. 0: unknown. */
static __u32 stale_pins_pinned_program(const char *path)
{
	struct bpf_link_info link;
	__u32 id;

	return stale_pins_read(path, &id, &link) ? 0 : id;
}

/*
 * The id of the dispatcher whose functions the links in @directory replace. Linux reports it since
 * 5.13. Without it, the result is @named, the id in the directory's name.
 */
static __u32 stale_pins_find_dispatcher(const char *directory, __u32 named)
{
	DIR *pins = opendir(directory);
	struct dirent *entry;
	__u32 target = 0;

	while (pins && !target && (entry = readdir(pins))) {
		char path[PATH_SIZE + 256];
		struct bpf_link_info link;
		__u32 id;

		snprintf(path, sizeof(path), "%s/%s", directory, entry->d_name);
		if (entry->d_name[0] != '.' && !stale_pins_read(path, &id, &link) &&
		    link.type == BPF_LINK_TYPE_TRACING)
			target = link.tracing.target_obj_id;
	}
	if (pins)
		closedir(pins);
	return target ? target : named;
}

static bool stale_pins_is_member(const struct pipeline *pipeline, __u32 id)
{
	const struct pipeline_program *program = pipeline_find(pipeline, id);

	return program && program->member;
}

/* Checks the pins in @directory. */
static bool stale_pins_is_ours(const struct pipeline *pipeline, const char *directory)
{
	bool members = true, any = false;
	DIR *pins = opendir(directory);
	struct dirent *entry;

	while (pins && (entry = readdir(pins))) {
		char path[PATH_SIZE + 256];
		struct owner owner;
		__u32 id;

		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", directory, entry->d_name);
		id = stale_pins_pinned_program(path);
		if (id && !owner_of(id, &owner)) {
			closedir(pins);
			return !owner.alive;
		}
		any = true;
		members = members && id && stale_pins_is_member(pipeline, id);
	}
	if (pins)
		closedir(pins);
	return pins && any && members;
}

/* Does the description of a descriptor in /proc name program @id? */
static bool stale_pins_names_program(const char *path, __u32 id)
{
	FILE *info = fopen(path, "re");
	char line[128];
	bool found = false;
	__u32 named;

	while (info && !found && fgets(line, sizeof(line), info))
		found = sscanf(line, "prog_id: %u", &named) == 1 && named == id;
	if (info)
		fclose(info);
	return found;
}

/* Has process @pid a descriptor of it? True also if that is unknown. */
static bool stale_pins_has_open(const char *pid, __u32 id)
{
	char directory[300], path[600];
	struct dirent *entry;
	bool found = false;
	DIR *descriptors;

	snprintf(directory, sizeof(directory), "/proc/%s/fdinfo", pid);
	descriptors = opendir(directory);
	if (!descriptors)
		return !access(directory, F_OK);
	while (!found && (entry = readdir(descriptors))) {
		snprintf(path, sizeof(path), "%s/%s", directory, entry->d_name);
		found = entry->d_name[0] != '.' && stale_pins_names_program(path, id);
	}
	closedir(descriptors);
	return found;
}

/*
 * Is it open in a process other than this one and @ending? A process that is about to attach it has
 * it open.
 */
static bool stale_pins_is_open(__u32 id, __u32 ending)
{
	DIR *processes = opendir("/proc");
	struct dirent *entry;
	bool found = !processes;

	while (processes && !found && (entry = readdir(processes))) {
		long pid = isdigit((unsigned char)entry->d_name[0]) ? atol(entry->d_name) : 0;

		found = pid && pid != getpid() && pid != ending &&
			stale_pins_has_open(entry->d_name, id);
	}
	if (processes)
		closedir(processes);
	return found;
}

/* A netns_fn: 0 if program @data is attached to an interface here. */
static int stale_pins_find_attached(void *data)
{
	const __u32 *id = data;
	struct if_nameindex *all = if_nameindex(), *one;
	int missing = 1;

	for (one = all; one && one->if_index && missing; one++) {
		LIBBPF_OPTS(bpf_xdp_query_opts, query);

		if (bpf_xdp_query(one->if_index, 0, &query))
			continue;
		missing = query.drv_prog_id != *id && query.skb_prog_id != *id &&
			  query.prog_id != *id;
	}
	if (all)
		if_freenameindex(all);
	return missing;
}

static bool stale_pins_is_attached(__u32 id)
{
	/* -ENODEV: in no network namespace */
	return !stale_pins_find_attached(&id) ||
	       netns_search(stale_pins_find_attached, &id) != -ENODEV;
}

static void stale_pins_remove_directory(const char *directory)
{
	DIR *pins = opendir(directory);
	struct dirent *entry;

	while (pins && (entry = readdir(pins)))
		if (entry->d_name[0] != '.')
			unlinkat(dirfd(pins), entry->d_name, 0);
	if (pins)
		closedir(pins);
	rmdir(directory);
}

/*
 * A process that has it open may attach it, so that is checked first. -EBUSY: a process has it
 * open.
 */
static int stale_pins_check_stray(const struct pipeline *pipeline, const char *directory,
				  __u32 named, __u32 ending)
{
	__u32 dispatcher = stale_pins_find_dispatcher(directory, named);

	if (dispatcher == pipeline->root_id || !stale_pins_is_ours(pipeline, directory))
		return -ENOENT;
	if (stale_pins_is_open(dispatcher, ending))
		return -EBUSY;
	return stale_pins_is_attached(dispatcher) ? -ENOENT : 0;
}

/* A test link of libxdp, pinned only while libxdp holds the lock, which this process holds now. */
static bool stale_pins_is_trial(const char *name)
{
	return !strncmp(name, "prog-test-link-", strlen("prog-test-link-"));
}

/* Returns the number of removed directories. Sets *@busy if another one is in use. */
static int stale_pins_sweep(const struct pipeline *pipeline, __u32 ending, const char *root,
			    DIR *all, bool *busy)
{
	struct dirent *entry;
	int removed = 0;

	while ((entry = readdir(all))) {
		__u32 ifindex, named;
		char path[PATH_SIZE];
		int err;

		if (stale_pins_is_trial(entry->d_name))
			unlinkat(dirfd(all), entry->d_name, 0);
		if (sscanf(entry->d_name, "dispatch-%u-%u", &ifindex, &named) != 2 ||
		    ifindex != pipeline->ifindex)
			continue;
		snprintf(path, sizeof(path), "%s/%.200s", root, entry->d_name);
		err = stale_pins_check_stray(pipeline, path, named, ending);
		if (!err) {
			/* check again: a process may be in another pid namespace */
			usleep(RETRY_US);
			err = stale_pins_check_stray(pipeline, path, named, ending);
		}
		*busy = *busy || err == -EBUSY;
		if (err)
			continue;
		stale_pins_remove_directory(path);
		removed++;
	}
	return removed;
}

static int stale_pins_sweep_locked(const struct pipeline *pipeline, __u32 ending, bool *busy)
{
	char root[PATH_SIZE / 2];
	int removed = 0;
	DIR *all;

	bpffs_libxdp_directory(root, sizeof(root));
	all = opendir(root);
	if (!all)
		return 0;
	if (!flock(dirfd(all), LOCK_EX))
		removed = stale_pins_sweep(pipeline, ending, root, all, busy);
	closedir(all); /* releases the lock */
	return removed;
}

int stale_pins_remove(const struct pipeline *pipeline, __u32 ending)
{
	int removed = 0;
	bool busy = true;

	for (int attempt = 0; busy && attempt < ATTEMPTS; attempt++) {
		if (attempt)
			usleep(RETRY_US);
		busy = false;
		removed += stale_pins_sweep_locked(pipeline, ending, &busy);
	}
	return removed;
}

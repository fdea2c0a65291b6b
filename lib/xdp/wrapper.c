// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Replaces the wrapper by its target. The target is attached before the pin is removed, so the
 * user's program runs at every moment.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "xdp/bpffs.h"
#include "bpf/bpfinfo.h"
#include "base/cleanup.h"
#include "bpf/rcu_wait.h"
#include "xdp/netns.h"
#include "xdp/wrapper.h"

#define WRAP_NAME "xdpdrop_wrap"
#define NAME_SIZE 40

/* The interface's name for messages, or its index if it has no name here. */
static const char *wrapper_ifname(__u32 ifindex, char *text, size_t size)
{
	char name[IF_NAMESIZE];

	if (if_indextoname(ifindex, name))
		snprintf(text, size, "%s", name);
	else
		snprintf(text, size, "interface index %u", ifindex);
	return text;
}

void wrapper_close(struct wrapper *wrap)
{
	cleanup_fd(&wrap->wrapper_fd);
	cleanup_fd(&wrap->target_fd);
	cleanup_fd(&wrap->map_fd);
}

static void wrapper_unpin(struct wrapper *wrap)
{
	if (wrap->pin[0])
		bpffs_unpin(wrap->pin);
	wrap->pin[0] = '\0';
}

/* A wrapper is gone when it is detached and all processes have closed it. */
static bool wrapper_is_gone(__u32 wrapper_id)
{
	CLEANUP_FD int fd = bpf_prog_get_fd_by_id(wrapper_id);

	return fd < 0 && errno == ENOENT;
}

/*
 * While a wrapper may be attached somewhere, its pin must stay. Without the pin the kernel would
 * empty the map, and the target would not run.
 */
void wrapper_abandon(struct wrapper *wrap)
{
	cleanup_fd(&wrap->wrapper_fd);
	cleanup_fd(&wrap->map_fd);
	if (wrapper_is_gone(wrap->wrapper_id))
		wrapper_unpin(wrap);
}

int wrapper_keep_pin(struct wrapper *wrap, const struct log *log)
{
	char name[NAME_SIZE];
	int err;

	if (!access(wrap->pin, F_OK))
		return 0;
	err = bpffs_pin(wrap->map_fd, wrap->wrapper_id, wrap->pin, sizeof(wrap->pin));
	if (!err) {
		log_warn(log, "%s was removed, or its file system was unmounted; pinned again",
			 wrap->pin);
		return 0;
	}
	return log_error(log, err,
			 "the pin of the program wrapped on %s was removed, or its BPF file "
			 "system was unmounted, and it cannot be pinned again: %s; the "
			 "program is attached again, and is followed no more",
			 wrapper_ifname(wrap->attachment.ifindex, name, sizeof(name)),
			 strerror(-err));
}

/* The former program of the slot may still run on a CPU and needs its target until it ends. */
static int wrapper_give_back(struct wrapper *wrap)
{
	int err = attachment_swap(&wrap->attachment, wrap->wrapper_fd, wrap->target_fd);

	rcu_wait();
	return err;
}

/* A netns_fn for the namespace of this thread. @data is a struct wrapper. */
static int wrapper_undo_here(void *data)
{
	struct wrapper *wrap = data;
	struct if_nameindex *all = if_nameindex(), *one;
	int err = -ENODEV;

	for (one = all; err && one && one->if_index; one++)
		if (!attachment_find(&wrap->attachment, one->if_index, wrap->wrapper_id))
			err = wrapper_give_back(wrap);
	if (all)
		if_freenameindex(all);
	return err;
}

/* An interface that moves to another network namespace keeps its program, here the wrapper. */
static int wrapper_undo_elsewhere(struct wrapper *wrap, const struct log *log)
{
	int err = netns_search(wrapper_undo_here, wrap);

	if (!err)
		log_info(log,
			 "the interface has moved to another network namespace; program id "
			 "%u was attached again there",
			 wrap->target_id);
	return err;
}

int wrapper_undo(struct wrapper *wrap, const struct log *log)
{
	int err = wrapper_give_back(wrap);
	char name[NAME_SIZE];

	if (err == -ENODEV)
		err = wrapper_undo_elsewhere(wrap, log);
	if (err == -EEXIST)
		root_slot_report_blocked(
			wrap->attachment.ifindex, "taken out of its wrapper",
			"it keeps running in the wrapper until a watchdog process, which "
			"keeps trying, or a clean removes that",
			log);
	else if (err && err != -ESTALE && err != -ENODEV)
		log_error(log, err,
			  "cannot restore %s to program id %u: %s; it keeps running in the "
			  "wrapper until that is cleaned up",
			  wrapper_ifname(wrap->attachment.ifindex, name, sizeof(name)),
			  wrap->target_id, strerror(-err));
	/* a link has exactly one program, which was replaced */
	if (!err || (err == -ESTALE && wrap->attachment.link_id))
		wrapper_unpin(wrap);
	if (err != -EEXIST)
		wrapper_abandon(wrap);
	return err;
}

/* The target of a wrapper: its descriptor; -ENOENT: there is none. */
static int wrapper_open_target(int wrapper_fd, __u32 *target_id)
{
	struct bpf_prog_info info;
	__u32 maps[BPFINFO_MAX_MAPS], slot = 0;
	int err = bpfinfo_program(wrapper_fd, &info, maps);

	for (__u32 i = 0; !err && i < info.nr_map_ids; i++) {
		CLEANUP_FD int map = bpf_map_get_fd_by_id(maps[i]);
		struct bpf_map_info map_info;
		int target;

		if (map < 0)
			return -errno;
		err = bpfinfo_map(map, &map_info);
		if (err || strcmp(map_info.name, "xdpdrop_target") != 0)
			continue;
		if (bpf_map_lookup_elem(map, &slot, target_id))
			return -errno;
		target = bpf_prog_get_fd_by_id(*target_id);
		return target < 0 ? -errno : target;
	}
	return err ?: -EINVAL;
}

/* Fill *@wrap for wrapper @id, as if this process had attached it. -ENOENT: it has no target. */
static int wrapper_adopt(struct wrapper *wrap, __u32 id)
{
	*wrap = (struct wrapper){ .wrapper_id = id,
				  .wrapper_fd = bpf_prog_get_fd_by_id(id),
				  .map_fd = -1 };
	wrap->target_fd = wrap->wrapper_fd < 0 ?
				  -ESRCH :
				  wrapper_open_target(wrap->wrapper_fd, &wrap->target_id);
	if (wrap->target_fd < 0) {
		int err = wrap->target_fd;

		wrapper_close(wrap);
		return err;
	}
	bpffs_pin_path(id, wrap->pin, sizeof(wrap->pin));
	return 0;
}

/*
 * The target was lost with the BPF file system that pinned it, and every frame passes. Detach the
 * wrapper, so that the program can be loaded again.
 */
static int wrapper_remove_empty(__u32 ifindex, __u32 id, const struct log *log)
{
	CLEANUP_FD int fd = bpf_prog_get_fd_by_id(id);
	struct attachment attachment;
	char name[NAME_SIZE];
	int err = fd < 0 ? -errno : attachment_find(&attachment, ifindex, id);

	if (!err)
		err = attachment_remove(&attachment, fd);
	wrapper_ifname(ifindex, name, sizeof(name));
	if (err)
		return log_error(log, err,
				 "%s: the wrapper (id %u) of a dead session has lost its program, "
				 "passes every frame, and cannot be removed: %s; load the program "
				 "again in its place",
				 name, id, strerror(-err));
	return log_error(log, -ESTALE,
			 "%s: the wrapper (id %u) of a dead session had lost its program, "
			 "and passed every frame; it was removed, load the program again",
			 name, id);
}

static int wrapper_restore(__u32 ifindex, __u32 id, const struct log *log)
{
	struct wrapper wrap;
	int err = wrapper_adopt(&wrap, id);

	if (err == -ENOENT)
		return wrapper_remove_empty(ifindex, id, log);
	err = err ?: attachment_find(&wrap.attachment, ifindex, id);
	if (!err)
		err = wrapper_undo(&wrap, log);
	wrapper_close(&wrap);
	return err;
}

bool wrapper_is_empty(__u32 id)
{
	CLEANUP_FD int wrapper = bpf_prog_get_fd_by_id(id), target = -1;
	__u32 target_id;

	if (wrapper < 0)
		return false;
	target = wrapper_open_target(wrapper, &target_id);
	return target == -ENOENT;
}

int wrapper_owner(__u32 id, struct owner *owner)
{
	CLEANUP_FD int fd = id ? bpf_prog_get_fd_by_id(id) : -1;
	struct bpf_prog_info info;
	int err;

	if (fd < 0)
		return !id || errno == ENOENT ? 0 : -errno;
	err = bpfinfo_program(fd, &info, NULL);
	if (err || strcmp(info.name, WRAP_NAME) != 0)
		return err;
	err = owner_of(id, owner);
	return err ? err : 1;
}

int wrapper_clean_interface(__u32 ifindex, __u32 id, __u32 *pid, const struct log *log)
{
	char name[NAME_SIZE];
	struct owner owner;
	int err = wrapper_owner(id, &owner);

	if (err == -ENOENT)
		return 0;
	if (err < 0)
		return log_error(log, err,
				 "cannot find out whether %s has the wrapper of a dead session: %s",
				 wrapper_ifname(ifindex, name, sizeof(name)), strerror(-err));
	if (!err)
		return 0;
	*pid = owner.pid;
	if (owner.alive)
		return -EBUSY;
	err = wrapper_restore(ifindex, id, log);
	return err ? err : 1;
}

/* A bpffs_pin_fn: is the pin no longer needed? */
static bool wrapper_is_orphan(__u32 id, const struct log *log)
{
	struct owner owner;
	struct wrapper wrap;
	bool done;

	if (wrapper_is_gone(id))
		return true;
	if (owner_of(id, &owner) || owner.alive || wrapper_adopt(&wrap, id))
		return false;
	done = !wrapper_undo_elsewhere(&wrap, log);
	wrapper_close(&wrap);
	return done;
}

int wrapper_remove_orphans(const struct log *log)
{
	return bpffs_remove_pins(wrapper_is_orphan, log);
}

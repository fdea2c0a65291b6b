// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Removes what killed captures have left. Removes nothing unless its capture is certainly dead.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "bpf/bpfinfo.h"
#include "base/cleanup.h"
#include "base/utf8.h"
#include "process/lock.h"
#include "xdp/hook_chain.h"
#include "xdp/member.h"
#include "bpf/emptying.h"
#include "bpf/owner.h"
#include "process/privilege.h"
#include "api/session.h"
#include "interface.h"
#include "xdp/stale_pins.h"
#include "xdp/wrapper.h"

struct cleaning {
	const struct log *log;
	xdpdrop_line_fn fn;
	void *data;
	int removed;
	int err; /* the first error, logged */
};

__attribute__((format(printf, 2, 3))) static void clean_removed(struct cleaning *cleaning,
								const char *format, ...)
{
	char text[256];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	cleaning->removed++;
	if (cleaning->fn)
		cleaning->fn(cleaning->data, text);
}

static void clean_failed(struct cleaning *cleaning, int err)
{
	/* -EBUSY: of a live capture */
	if (err < 0 && err != -EBUSY && !cleaning->err)
		cleaning->err = err;
}

/* Is there a capture's program, running or ended? A failed query is an error. */
static bool clean_find_owner(struct cleaning *cleaning, const struct bpf_map_info *map,
			     struct hook_walk *walk)
{
	int err = hook_walk_look(walk);

	if (!err || err == -ENOENT)
		return !err && walk->id;
	clean_failed(cleaning, log_error(cleaning->log, err,
					 "cannot look at slot %u of hook %s (map id %u): %s",
					 walk->slot, map->name, map->id, strerror(-err)));
	return false;
}

/* The program of a dead session. False: it stays there. */
static bool clean_program(struct cleaning *cleaning, const struct bpf_map_info *map,
			  const struct hook_walk *walk)
{
	if (hook_walk_unlink(walk))
		return false;
	clean_removed(cleaning,
		      "hook %s (map id %u): removed the program that the dead session with pid %u "
		      "left in slot %u",
		      map->name, map->id, walk->owner.pid, walk->slot);
	return true;
}

/* Captures that live keep their places. */
static void clean_slot(struct cleaning *cleaning, const struct bpf_map_info *map, int fd,
		       __u32 slot)
{
	struct hook_walk walk;

	hook_walk_begin(&walk, fd, slot);
	while (clean_find_owner(cleaning, map, &walk)) {
		if (!walk.owner.alive && clean_program(cleaning, map, &walk))
			continue;
		if (walk.next_fd < 0)
			break;
		hook_walk_advance(&walk);
	}
	hook_walk_end(&walk);
}

/* The chains of a hook begin there. */
static void clean_slots(struct cleaning *cleaning, int fd)
{
	struct bpf_map_info info;

	if (bpfinfo_map(fd, &info) || info.type != BPF_MAP_TYPE_PROG_ARRAY ||
	    hook_chain_is_next(info.name))
		return;
	utf8_to_ascii(info.name);
	for (__u32 slot = 0; slot < info.max_entries && slot < HOOK_SLOTS; slot++)
		clean_slot(cleaning, &info, fd, slot);
}

static void clean_hooks(void *data)
{
	struct cleaning *cleaning = data;
	LOG_SCOPE(cleaning->log);
	__u32 id = 0;

	while (!bpf_map_get_next_id(id, &id)) {
		CLEANUP_FD int fd = bpf_map_get_fd_by_id(id);

		if (fd >= 0)
			clean_slots(cleaning, fd);
		else if (errno != ENOENT)
			clean_failed(cleaning, log_error(cleaning->log, -errno,
							 "cannot look at map id %u: %s", id,
							 strerror(errno)));
	}
}

static void clean_hooks_of(struct cleaning *cleaning, const struct pipeline *pipeline)
{
	for (unsigned int i = 0; i < pipeline->hook_count; i++)
		clean_slots(cleaning, pipeline->hooks[i].fd);
}

static void clean_interface(struct cleaning *cleaning, const struct pipeline *pipeline)
{
	__u32 pid;
	int stale, done = wrapper_clean_interface(pipeline->root_ifindex, pipeline->root_id, &pid,
						  cleaning->log);

	clean_failed(cleaning, done);
	if (done == 1)
		clean_removed(cleaning,
			      "%s: gave the interface back to the program that the dead session "
			      "with pid %u had wrapped",
			      pipeline->root_ifname, pid);
	for (unsigned int i = 0; i < pipeline->program_count; i++) {
		done = member_clean(pipeline->root_ifindex, &pipeline->programs[i], &pid,
				    cleaning->log);
		clean_failed(cleaning, done);
		if (done == 1)
			clean_removed(
				cleaning,
				"%s: removed the tag member that the dead session with pid %u had "
				"placed",
				pipeline->root_ifname, pid);
	}
	stale = stale_pins_remove(pipeline, 0);
	if (stale)
		clean_removed(cleaning, "%s: removed stale libxdp pins of %d dispatcher%s",
			      pipeline->ifname, stale, stale == 1 ? "" : "s");
}

static void clean_pins(struct cleaning *cleaning)
{
	int pins = wrapper_remove_orphans(cleaning->log);

	if (pins)
		clean_removed(cleaning, "removed %d pin%s of wrappers that no longer exist", pins,
			      pins == 1 ? "" : "s");
}

static void clean_interfaces(void *data)
{
	struct cleaning *cleaning = data;
	LOG_SCOPE(cleaning->log);
	struct if_nameindex *all = if_nameindex(), *one;
	struct pipeline pipeline = { 0 };

	for (one = all; one && one->if_index; one++) {
		if (!pipeline_read(&pipeline, one->if_name, 0, cleaning->log))
			clean_interface(cleaning, &pipeline);
		pipeline_close(&pipeline);
	}
	pipeline_free(&pipeline);
	if (all)
		if_freenameindex(all);
}

/* Both open hooks, and what opens them next must not meet their emptying: pipeline_close(). */
static void clean_everywhere(struct cleaning *cleaning)
{
	emptying_run(clean_interfaces, cleaning);
	emptying_run(clean_hooks, cleaning);
}

static void clean_iface(struct cleaning *cleaning, const struct pipeline *pipeline)
{
	/* hooks first: those of a wrapped program are found through the wrapper */
	clean_hooks_of(cleaning, pipeline);
	clean_interface(cleaning, pipeline);
}

static int clean_all(struct xdpdrop *session, const char *ifname, xdpdrop_line_fn fn, void *data)
{
	struct cleaning cleaning = { .log = &session->log, .fn = fn, .data = data };
	CLEANUP_FD int lock = lock_take(&session->log);
	int err = privilege_check(false, false, &session->log);

	if (!err && ifname)
		err = session_prepare(session, ifname, NULL);
	if (err)
		return err;
	if (!ifname)
		clean_everywhere(&cleaning);
	for (unsigned int i = 0; ifname && i < session->iface_count; i++)
		clean_iface(&cleaning, &session->ifaces[i].context.pipeline);
	/* they are of no interface */
	clean_pins(&cleaning);
	return cleaning.err ? cleaning.err : cleaning.removed;
}

int xdpdrop_clean(struct xdpdrop *session, const char *ifname, xdpdrop_line_fn fn, void *data)
{
	LOG_SCOPE(&session->log);
	struct netns_visit visit;
	int err = session_visit(session, &visit) ?: clean_all(session, ifname, fn, data);

	return session_return(session, &visit, err);
}

// SPDX-License-Identifier: LGPL-2.1-only
/*
 * The wrap tap: wraps the program of an interface that has a single program.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "xdp/bpffs.h"
#include "base/cleanup.h"
#include "process/lock.h"
#include "bpf/bpfinfo.h"
#include "bpf/owner.h"
#include "process/privilege.h"
#include "bpf/probe.h"
#include "tap/wrapper_attach.h"
#include "xdp/pipeline_devices.h"

#define VANISH_LOOKS 10
#define VANISH_US 10000

struct tap_state {
	struct wrapper wrap;
	unsigned int point;
	__u32 record; /* number of its record in the journal */
	bool blocked; /* an interface above blocks changes, which was logged */
};

static int wrap_tap_check_wrapped(const struct pipeline_program *root, char *why, size_t size)
{
	struct owner owner;
	int err = wrapper_owner(root->id, &owner);

	if (!err || err == -ENOENT)
		return 0;
	if (err < 0) {
		snprintf(why, size, "cannot look at %s (id %u): %s", root->name, root->id,
			 strerror(-err));
		return err;
	}
	if (wrapper_is_empty(root->id)) {
		snprintf(why, size,
			 "the wrapper of a session (pid %u) has lost its program; load the "
			 "program again",
			 owner.pid);
		return -ESTALE;
	}
	if (!owner.alive)
		return 0;
	snprintf(why, size, "it is in use by the xdpdrop session with pid %u", owner.pid);
	return -EBUSY;
}

/* Explain why the selected program cannot be wrapped. */
static int wrap_tap_explain_other(const struct tap_context *context,
				  const struct pipeline_program *root, char *why, size_t size)
{
	const struct pipeline *pipeline = &context->pipeline;

	for (unsigned int i = 0; i < pipeline->program_count; i++) {
		const struct pipeline_program *program = &pipeline->programs[i];

		if (!pipeline_selects(context->opts->program, program->id, program->name))
			continue;
		if (pipeline_speaker(pipeline, program) != root)
			snprintf(why, size,
				 "%s (id %u) runs after a redirect, in %s, which the wrapper of %s "
				 "does not see; tap exit does, and tap hook if it has a hook",
				 program->name, program->id, program->entry, root->name);
		else
			snprintf(why, size,
				 "%s (id %u) is tail-called; its verdicts are those of %s (id %u), "
				 "which tap wrap can capture",
				 program->name, program->id, root->name, root->id);
		return -ENOENT;
	}
	snprintf(why, size, "the program on %s is %s (id %u), not %s", pipeline->ifname, root->name,
		 root->id, context->opts->program);
	return -ENOENT;
}

/*
 * libxdp looks for this program on the interface when it adds a socket, and when it removes the
 * program with the last socket. It would not recognise the wrapper.
 */
static int wrap_tap_check_sockets(const struct pipeline_program *root, char *why, size_t size)
{
	if (strcmp(root->name, "xsk_def_prog") != 0)
		return 0;
	snprintf(why, size,
		 "%s is libxdp's program for AF_XDP sockets, which drops nothing: "
		 "with a wrapper libxdp could neither add nor remove sockets; tap "
		 "exit can follow it, or a hook in a program of your own",
		 root->name);
	return -EOPNOTSUPP;
}

static int wrap_tap_check_target(const struct pipeline_program *root, char *why, size_t size)
{
	CLEANUP_FD int fd = bpf_prog_get_fd_by_id(root->id);
	int err = fd < 0 ? -errno : bpfinfo_try_tail_call(fd);

	if (err == -EINVAL)
		snprintf(why, size,
			 "%s (id %u) is device-bound: loaded for one network device, and "
			 "the kernel refuses tail calls to it",
			 root->name, root->id);
	else if (err)
		snprintf(why, size, "the kernel refuses tail calls to %s (id %u): %s", root->name,
			 root->id, strerror(-err));
	return err;
}

/* Replace the program by itself: nothing changes, but the kernel refuses it like any change. */
static int wrap_tap_check_above(const struct pipeline *pipeline, char *why, size_t size)
{
	CLEANUP_FD int root = bpf_prog_get_fd_by_id(pipeline->root_id);
	struct attachment attachment;
	char blocked[256];

	if (!root_slot_explain_blocked(pipeline->ifindex, blocked, sizeof(blocked)) || root < 0 ||
	    attachment_find(&attachment, pipeline->ifindex, pipeline->root_id) ||
	    attachment_swap(&attachment, root, root) != -EEXIST)
		return 0;
	snprintf(why, size, "%s", blocked);
	return -EEXIST;
}

static int wrap_tap_check(const struct tap_context *context, char *why, size_t size)
{
	const struct pipeline *pipeline = &context->pipeline;
	const struct pipeline_program *root = pipeline_root(pipeline);
	int err;

	if (!root) {
		snprintf(why, size, "no XDP program is attached to %s", pipeline->ifname);
		return -ENOENT;
	}
	if (pipeline_is_lower(pipeline)) {
		snprintf(why, size,
			 "%s is attached to %s, and the wrapper would be, too: name that one",
			 root->name, pipeline->root_ifname);
		return -EOPNOTSUPP;
	}
	if (pipeline->dispatcher) {
		snprintf(why, size,
			 "%s is libxdp's dispatcher: the kernel refuses tail calls to a "
			 "program with extensions",
			 root->name);
		return -EOPNOTSUPP;
	}
	if (pipeline->mode != XDP_ATTACHED_DRV && pipeline->mode != XDP_ATTACHED_SKB) {
		snprintf(why, size,
			 "%s is attached in mode: %s; only native and generic programs can "
			 "be wrapped",
			 root->name, pipeline_mode_name(pipeline->mode));
		return -EOPNOTSUPP;
	}
	if (!pipeline_selects(context->opts->program, root->id, root->name))
		return wrap_tap_explain_other(context, root, why, size);
	if (!probe(FEATURE_SUBPROG_TAIL_CALL)) {
		snprintf(why, size, "this kernel has no %s (x86-64 since 5.10, arm64 since 6.0)",
			 probe_describe(FEATURE_SUBPROG_TAIL_CALL));
		return -EOPNOTSUPP;
	}
	err = wrap_tap_check_wrapped(root, why, size);
	if (!err)
		err = wrap_tap_check_sockets(root, why, size);
	if (!err)
		err = wrap_tap_check_target(root, why, size);
	if (!err)
		err = bpffs_check(context->opts->unsafe_bpffs, context->log, why, size);
	if (!err)
		err = privilege_check_attach(why, size);
	return err ?: wrap_tap_check_above(pipeline, why, size);
}

/*
 * Remove a dead session's wrapper, which changes the pipeline. Its watchdog may have done this
 * after the pipeline was read and before the lock was taken.
 */
static int wrap_tap_clean_first(struct tap_context *context)
{
	__u32 pid, ifindex = context->pipeline.ifindex;
	int done = pipeline_read(&context->pipeline, NULL, ifindex, context->log);

	if (done)
		return done;
	done = wrapper_clean_interface(ifindex, context->pipeline.root_id, &pid, context->log);
	wrapper_remove_orphans(context->log);
	if (done == -EBUSY)
		return log_error(context->log, done,
				 "%s is in use by the xdpdrop session with pid %u",
				 context->pipeline.ifname, pid);
	if (done <= 0)
		return done;
	log_info(context->log, "%s: removed the wrapper that a dead session (pid %u) left",
		 context->pipeline.ifname, pid);
	return pipeline_read(&context->pipeline, NULL, ifindex, context->log);
}

static bool wrap_tap_has_sockets(__u32 id)
{
	CLEANUP_FD int program = bpf_prog_get_fd_by_id(id);
	__u32 maps[BPFINFO_MAX_MAPS];
	struct bpf_prog_info info;
	struct bpf_map_info map_info;

	if (program < 0 || bpfinfo_program(program, &info, maps))
		return false;
	for (__u32 i = 0; i < info.nr_map_ids; i++) {
		CLEANUP_FD int map = bpf_map_get_fd_by_id(maps[i]);

		if (map >= 0 && !bpfinfo_map(map, &map_info) &&
		    map_info.type == BPF_MAP_TYPE_XSKMAP)
			return true;
	}
	return false;
}

/* The end of the sockets' owner is not visible here. */
static void wrap_tap_warn_sockets(const struct tap_context *context,
				  const struct pipeline_program *root)
{
	if (wrap_tap_has_sockets(root->id))
		log_warn(context->log,
			 "%s (id %u) has AF_XDP sockets: a tool that ends during this session "
			 "cannot detach it by libxdp, and it stays on %s",
			 root->name, root->id, context->pipeline.ifname);
}

static int wrap_tap_arm(struct tap_context *context, struct tap_state *state)
{
	CLEANUP_FD int lock = lock_take_unless(context->interrupt, context->log);
	const struct pipeline_program *root;
	struct xdpdrop_point info;
	int err, point;

	state->wrap.wrapper_fd = state->wrap.target_fd = state->wrap.map_fd = -1;
	err = lock == -EINTR ? lock : wrap_tap_clean_first(context);
	if (err)
		return err;
	root = pipeline_root(&context->pipeline);
	if (!root)
		return log_error(context->log, -ENOENT, "no XDP program is attached to %s",
				 context->pipeline.ifname);
	info = tap_point(context, tap_wrap.name, root->id, root->name);
	point = points_add(context->points, &info, NULL);
	if (point < 0)
		return point;
	state->point = point;
	err = wrapper_attach(context, &state->wrap, &state->record, root->id, point);
	if (!err)
		wrap_tap_warn_sockets(context, root);
	return err;
}

/* The kernel detaches programs some time before a deleted interface disappears. */
static bool wrap_tap_is_vanishing(__u32 ifindex)
{
	char name[IF_NAMESIZE];

	for (int look = 0; look < VANISH_LOOKS; look++) {
		if (!if_indextoname(ifindex, name))
			return true;
		usleep(VANISH_US);
	}
	return false;
}

/* Warn once each time the wrapper becomes impossible to remove. */
static void wrap_tap_warn_of_above(const struct tap_context *context, struct tap_state *state)
{
	const struct pipeline *pipeline = &context->pipeline;
	char why[256];
	bool blocked;

	if (!pipeline->devices_read)
		return;
	blocked = root_slot_explain_blocked(pipeline->ifindex, why, sizeof(why));
	if (blocked && !state->blocked)
		log_warn(context->log,
			 "the program of %s may have to stay behind its wrapper when the session "
			 "ends: %s",
			 pipeline->ifname, why);
	state->blocked = blocked;
}

static int wrap_tap_resync(struct tap_context *context, struct tap_state *state)
{
	const struct pipeline_program *root = pipeline_root(&context->pipeline);
	struct xdpdrop_point *point = &context->points->point[state->point].info;

	wrap_tap_warn_of_above(context, state);
	if (context->pipeline.root_id == state->wrap.wrapper_id)
		return wrapper_keep_pin(&state->wrap, context->log);
	points_close(context->points, state->point);
	if (!root && wrap_tap_is_vanishing(context->pipeline.ifindex))
		return log_error(context->log, -ENODEV,
				 "interface %s has gone, and is followed no more", point->ifname);
	if (root)
		return log_error(context->log, -ESTALE,
				 "another process has replaced the program on %s by %s (id %u); it "
				 "stays attached, and %s (id %u) is followed no more",
				 point->ifname, root->name, root->id, point->program,
				 point->program_id);
	return log_error(context->log, -ESTALE,
			 "another process has detached the program from %s; %s (id %u) is "
			 "followed no more",
			 point->ifname, point->program, point->program_id);
}

static void wrap_tap_undo(struct tap_context *context, struct tap_state *state)
{
	CLEANUP_FD int lock = -1;

	if (!state->record)
		return;
	lock = lock_take(context->log);
	/* what the kernel refuses now is left to the watchdog */
	if (wrapper_undo(&state->wrap, context->log) != -EEXIST)
		watchdog_withdraw(context->watchdog, &state->record);
}

static void wrap_tap_close(struct tap_state *state)
{
	wrapper_close(&state->wrap);
}

static void wrap_tap_keep(const struct tap_state *state, struct fd_list *list)
{
	fd_list_add(list, state->wrap.wrapper_fd);
	fd_list_add(list, state->wrap.target_fd);
	fd_list_add(list, state->wrap.map_fd);
}

const struct tap tap_wrap = {
	.name = "wrap",
	.state_size = sizeof(struct tap_state),
	.shows = TAP_SHOWS_ROOT,
	.check = wrap_tap_check,
	.arm = wrap_tap_arm,
	.resync = wrap_tap_resync,
	.undo = wrap_tap_undo,
	.close = wrap_tap_close,
	.keep = wrap_tap_keep,
};

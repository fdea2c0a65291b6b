// SPDX-License-Identifier: LGPL-2.1-only
/*
 * The hook tap: arms all hooks of an interface's programs, or the pinned hook that the user named.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/bpfinfo.h"
#include "base/cleanup.h"
#include "tap/hook_set.h"
#include "xdp/pipeline_maps.h"
#include "process/lock.h"
#include "tap/unseen.h"

struct tap_state {
	struct hook_set hooks;
};

/* Also arms tag members, unless another capture uses them. */
static unsigned int hook_tap_kinds(const struct tap_context *context)
{
	char why[512];

	if (!context->tag_hooks)
		return HOOKS_EXIT;
	if (hook_set_wanted(context, HOOKS_TAG) &&
	    hook_set_check(context, HOOKS_TAG, why, sizeof(why)))
		return HOOKS_EXIT;
	return HOOKS_EXIT | HOOKS_TAG;
}

/* Find a loaded program that uses @hook's map, and its reason cell. */
static void hook_tap_find_user(struct pipeline_hook *hook)
{
	__u32 id = 0, maps[BPFINFO_MAX_MAPS];

	while (!hook->program_id && !bpf_prog_get_next_id(id, &id)) {
		CLEANUP_FD int fd = bpf_prog_get_fd_by_id(id);
		struct bpf_prog_info info;

		if (fd >= 0 && !bpfinfo_program(fd, &info, maps))
			pipeline_hook_use(hook, id, maps, info.nr_map_ids);
	}
}

static int hook_tap_open_pin(const struct tap_context *context, struct pipeline_hook *hook,
			     char *why, size_t size)
{
	const char *path = context->opts->hook_pin;
	CLEANUP_FD int fd = bpf_obj_get(path);
	int err = fd < 0 ? -errno :
		  bpfinfo_is_map(fd) ?
			   pipeline_maps_read_hook(fd, context->opts->unsafe_hook, hook) :
			   -ENOENT;

	if (!err)
		return take_fd(&fd);
	if (err == -ENOENT && fd >= 0) {
		snprintf(why, size,
			 "%s is not a hook: a hook is a PROG_ARRAY of 5 slots, one for each "
			 "XDP action (xdpcap's may have 4)",
			 path);
		return -EINVAL;
	}
	if (err == -ENOTUNIQ) {
		snprintf(why, size,
			 "%s may be a tail-call table, in which a capture program would change "
			 "verdicts: a hook is declared by XDPDROP_HOOK() or named xdpcap_hook "
			 "(unsafe-hook uses it all the same)",
			 path);
		return -EINVAL;
	}
	if (err == -EPERM && fd >= 0)
		snprintf(why, size,
			 "cannot determine the type of hook %s: reading its BTF needs the "
			 "capability CAP_SYS_ADMIN",
			 path);
	else
		snprintf(why, size, "cannot open the pinned hook %s: %s", path, strerror(-err));
	return err;
}

static int hook_tap_check_pin(const struct tap_context *context, char *why, size_t size)
{
	struct pipeline_hook hook;
	CLEANUP_FD int fd = hook_tap_open_pin(context, &hook, why, size);

	return fd < 0 ? fd : hook_check(context, &hook, fd, why, size);
}

static int hook_tap_check(const struct tap_context *context, char *why, size_t size)
{
	if (context->opts->hook_pin)
		return hook_tap_check_pin(context, why, size);
	if (hook_set_wanted(context, HOOKS_EXIT))
		return hook_set_check(context, HOOKS_EXIT, why, size);
	if (!pipeline_is_whole(&context->pipeline))
		unseen_explain_hidden(context, why, size);
	else if (context->opts->program && context->pipeline.hook_count)
		snprintf(why, size, "no program named %s on %s has a hook", context->opts->program,
			 context->pipeline.ifname);
	else
		snprintf(why, size, "no program on %s has a hook (see xdpdrop-hook(7))",
			 context->pipeline.ifname);
	return -ENOENT;
}

static bool hook_tap_is_intact(const struct tap_state *state)
{
	return hook_set_is_intact(&state->hooks);
}

static void hook_tap_undo(struct tap_context *context, struct tap_state *state)
{
	/* nothing to undo must not wait for another process */
	CLEANUP_FD int lock = state->hooks.count ? lock_take(context->log) : -1;

	hook_set_undo(context, &state->hooks);
}

static void hook_tap_close(struct tap_state *state)
{
	hook_set_close(&state->hooks);
}

static void hook_tap_keep(const struct tap_state *state, struct fd_list *list)
{
	hook_set_keep(&state->hooks, list);
}

static void hook_tap_free(struct tap_state *state)
{
	hook_set_free(&state->hooks);
}

static int hook_tap_arm_pin(struct tap_context *context, struct hook_set *hooks)
{
	const struct pipeline *pipeline = &context->pipeline;
	struct pipeline_hook hook;
	char why[512];
	int fd = hook_tap_open_pin(context, &hook, why, sizeof(why));

	if (fd < 0)
		return log_error(context->log, fd, "%s", why);
	hook_tap_find_user(&hook);
	/* without permission to open programs by id, the pipeline has a root id but no program */
	if (hook.program_id && !pipeline->program_count == !pipeline->root_id &&
	    !pipeline_has_map(pipeline, hook.map_id))
		log_warn(context->log,
			 "no program on %s has the pinned hook %s now: no frames are "
			 "seen there",
			 pipeline->ifname, context->opts->hook_pin);
	return hook_set_add(context, hooks, &hook, fd);
}

static int hook_tap_arm(struct tap_context *context, struct tap_state *state)
{
	CLEANUP_FD int lock = -1;
	int err;

	state->hooks.kinds = hook_tap_kinds(context);
	lock = lock_take_unless(context->interrupt, context->log);
	if (lock == -EINTR)
		return lock;
	if (context->opts->hook_pin)
		return hook_tap_arm_pin(context, &state->hooks);
	err = hook_set_arm(context, &state->hooks);
	if (err == -ESTALE)
		log_error(context->log, err,
			  "another process changed the programs of %s just now; start again",
			  context->pipeline.ifname);
	return err;
}

static int hook_tap_resync(struct tap_context *context, struct tap_state *state)
{
	bool pinned = context->opts->hook_pin;

	hook_set_follow(context, &state->hooks, pinned);
	return pinned && !state->hooks.count ? -ESTALE : 0;
}

const struct tap tap_hook = {
	.name = TAP_HOOK,
	.state_size = sizeof(struct tap_state),
	.shows = TAP_SHOWS_HOOKS,
	.has_reasons = true,
	.check = hook_tap_check,
	.arm = hook_tap_arm,
	.resync = hook_tap_resync,
	.is_intact = hook_tap_is_intact,
	.undo = hook_tap_undo,
	.close = hook_tap_close,
	.free = hook_tap_free,
	.keep = hook_tap_keep,
};

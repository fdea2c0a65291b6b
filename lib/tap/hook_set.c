// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Chooses among the hooks of a pipeline, gives each armed one its capture point, and messages those
 * that have gone.
 */
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "bpf/bpfinfo.h"
#include "base/cleanup.h"
#include "tap/hook_reasons.h"
#include "tap/hook_set.h"
#include "process/lock.h"
#include "tap/tag_place.h"

static void hook_set_program_name(__u32 id, char *name, size_t size)
{
	if (id)
		bpfinfo_name_by_id(id, name, size);
	else
		snprintf(name, size, "<unknown>");
}

/* What a program drops is also seen by the tag member that runs directly before it. */
static bool hook_set_is_selected(const struct tap_context *context,
				 const struct pipeline_hook *hook)
{
	const char *selector = context->opts->program;
	const struct pipeline_program *next = NULL;
	char name[64];

	hook_set_program_name(hook->program_id, name, sizeof(name));
	if (pipeline_selects(selector, hook->program_id, name))
		return true;
	if (hook->tag)
		next = pipeline_next_member(&context->pipeline, hook->program_id);
	return next && pipeline_selects(selector, next->id, next->name);
}

static bool hook_set_is_wanted(const struct tap_context *context, const struct pipeline_hook *hook,
			       unsigned int kinds)
{
	if (!(kinds & (hook->tag ? HOOKS_TAG : HOOKS_EXIT)))
		return false;
	if (hook->tag && !tag_place_is_tap(context, hook->program_id))
		return false;
	return hook_set_is_selected(context, hook);
}

unsigned int hook_set_wanted(const struct tap_context *context, unsigned int kinds)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < context->pipeline.hook_count; i++)
		count += hook_set_is_wanted(context, &context->pipeline.hooks[i], kinds);
	return count;
}

int hook_set_check(const struct tap_context *context, unsigned int kinds, char *why, size_t size)
{
	bool any = false;
	int err = 0;

	for (unsigned int i = 0; !err && i < context->pipeline.hook_count; i++) {
		const struct pipeline_hook *hook = &context->pipeline.hooks[i];

		if (!hook_set_is_wanted(context, hook, kinds) || !hook_has_slot(context, hook))
			continue;
		any = true;
		err = hook_check(context, hook, hook->fd, why, size);
	}
	if (any)
		return err;
	snprintf(why, size, "no hook on %s has a slot for the actions asked for",
		 context->pipeline.ifname);
	return -EINVAL;
}

static void hook_set_read_reasons(const struct tap_context *context, int map_fd,
				  struct reasons *reasons)
{
	struct bpf_map_info info;
	struct btf *btf = NULL;

	if (!bpfinfo_map(map_fd, &info) && info.btf_id)
		btf = btf__load_from_kernel_by_id(info.btf_id);
	if (btf)
		hook_reasons_read(reasons, btf, info.btf_value_type_id);
	btf__free(btf);
	reasons_merge(reasons, &context->points->named);
}

static int hook_set_add_point(const struct tap_context *context, const struct hook *hook)
{
	struct reasons reasons = { 0 };
	struct xdpdrop_point point = {
		.tap = hook->info.tag ? tap_tag.name : tap_hook.name,
		.ifindex = context->pipeline.ifindex,
		.link_type = context->pipeline.device.link_type,
		.program_id = hook->info.program_id,
		.hook_id = hook->info.map_id,
	};

	memcpy(point.ifname, context->pipeline.ifname, sizeof(point.ifname));
	memcpy(point.hook, hook->info.name, sizeof(point.hook));
	hook_set_program_name(point.program_id, point.program, sizeof(point.program));
	hook_set_read_reasons(context, hook->map_fd, &reasons);
	return points_add(context->points, &point, &reasons);
}

int hook_set_add(struct tap_context *context, struct hook_set *hooks,
		 const struct pipeline_hook *info, int map_fd)
{
	struct hook *hook = &hooks->hook[hooks->count];
	int point, err;

	if (hooks->count == PIPELINE_MAX_HOOKS) {
		close(map_fd);
		return log_error(context->log, -ENOSPC, "more than %d hooks at once",
				 PIPELINE_MAX_HOOKS);
	}
	*hook = (struct hook){ .info = *info, .map_fd = map_fd };
	hook->info.fd = -1;
	point = hook_set_add_point(context, hook);
	if (point < 0) {
		close(map_fd);
		return log_error(context->log, point,
				 "hook %s not captured: more than %d hooks and "
				 "programs in one capture",
				 info->name, XDPDROP_MAX_POINTS);
	}
	hook->point = point;
	err = hook_arm(context, hook);
	if (err) {
		points_close(context->points, point);
		hook_close(hook);
		return err;
	}
	hooks->count++;
	return 0;
}

static bool hook_set_is_known(const struct hook_set *hooks, __u32 map_id)
{
	for (unsigned int i = 0; i < hooks->count; i++)
		if (hooks->hook[i].info.map_id == map_id)
			return true;
	for (unsigned int i = 0; i < hooks->refused_count; i++)
		if (hooks->refused[i] == map_id)
			return true;
	return false;
}

static void hook_set_refuse(struct hook_set *hooks, __u32 map_id)
{
	if (hooks->refused_count < PIPELINE_MAX_HOOKS)
		hooks->refused[hooks->refused_count++] = map_id;
}

static bool hook_set_is_new(const struct tap_context *context, const struct hook_set *hooks,
			    const struct pipeline_hook *hook)
{
	return !hook_set_is_known(hooks, hook->map_id) &&
	       hook_set_is_wanted(context, hook, hooks->kinds) && hook_has_slot(context, hook);
}

int hook_set_arm(struct tap_context *context, struct hook_set *hooks)
{
	int first = 0;

	for (unsigned int i = 0; i < context->pipeline.hook_count; i++) {
		const struct pipeline_hook *hook = &context->pipeline.hooks[i];
		int fd, err;

		if (!hook_set_is_new(context, hooks, hook))
			continue;
		fd = fcntl(hook->fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
		err = fd < 0 ? -errno : hook_set_add(context, hooks, hook, fd);
		if (err)
			hook_set_refuse(hooks, hook->map_id);
		first = first ?: err;
	}
	return first;
}

static bool hook_set_in_pipeline(const struct tap_context *context, __u32 map_id)
{
	for (unsigned int i = 0; i < context->pipeline.hook_count; i++)
		if (context->pipeline.hooks[i].map_id == map_id)
			return true;
	return false;
}

static void hook_set_remove_hook(struct tap_context *context, struct hook_set *hooks,
				 unsigned int index)
{
	struct hook *hook = &hooks->hook[index];

	points_close(context->points, hook->point);
	hook_undo(context, hook);
	hook_close(hook);
	memmove(hook, hook + 1, (--hooks->count - index) * sizeof(*hook));
}

static void hook_set_prune(struct tap_context *context, struct hook_set *hooks, bool pinned)
{
	for (unsigned int i = hooks->count; i-- > 0;) {
		const struct hook *hook = &hooks->hook[i];
		const struct xdpdrop_point *point = &context->points->point[hook->point].info;

		if (!pinned && !hook_set_in_pipeline(context, hook->info.map_id))
			log_warn(context->log,
				 "program %s (id %u) is no longer on %s: its hook %s is "
				 "closed",
				 point->program, point->program_id, point->ifname, hook->info.name);
		else if (!hook_intact(hook))
			log_warn(context->log,
				 "hook %s (map id %u): somebody else has taken or "
				 "emptied a slot; it is closed",
				 hook->info.name, hook->info.map_id);
		else
			continue;
		hook_set_remove_hook(context, hooks, i);
	}
}

/* Nothing to prune, nothing to arm: then others need not wait for our look. */
static bool hook_set_is_settled(const struct tap_context *context, const struct hook_set *hooks,
				bool pinned)
{
	for (unsigned int i = 0; i < hooks->count; i++)
		if ((!pinned && !hook_set_in_pipeline(context, hooks->hook[i].info.map_id)) ||
		    !hook_intact(&hooks->hook[i]))
			return false;
	for (unsigned int i = 0; !pinned && i < context->pipeline.hook_count; i++)
		if (hook_set_is_new(context, hooks, &context->pipeline.hooks[i]))
			return false;
	return true;
}

/* The records of this process must not wait for another one that arms: the next look will do. */
static void hook_set_change(struct tap_context *context, struct hook_set *hooks, bool pinned)
{
	CLEANUP_FD int lock = lock_try();

	if (lock == -EWOULDBLOCK)
		return;
	hook_set_prune(context, hooks, pinned);
	if (!pinned)
		hook_set_arm(context, hooks);
}

/* Interfaces that have come to the captured one, or left it; only this session has the table. */
static void hook_set_follow_devices(const struct tap_context *context, struct hook_set *hooks)
{
	for (unsigned int i = 0; i < hooks->count; i++) {
		struct hook *hook = &hooks->hook[i];
		int err = hook_follow_devices(context, hook);

		if (err && err != hook->devices_error)
			log_error(context->log, err,
				  "hook %s (map id %u): not all interfaces below %s are "
				  "captured: %s",
				  hook->info.name, hook->info.map_id, context->pipeline.ifname,
				  strerror(-err));
		hook->devices_error = err;
	}
}

void hook_set_follow(struct tap_context *context, struct hook_set *hooks, bool pinned)
{
	if (!pinned && !pipeline_is_whole(&context->pipeline))
		return;
	if (!hook_set_is_settled(context, hooks, pinned))
		hook_set_change(context, hooks, pinned);
	hook_set_follow_devices(context, hooks);
	if (pinned)
		return;
	if (!hooks->count && !hooks->waiting && !context->combined)
		log_warn(context->log, "no program on %s has a hook now; waiting for one",
			 context->pipeline.ifname);
	hooks->waiting = !hooks->count;
}

void hook_set_undo(const struct tap_context *context, struct hook_set *hooks)
{
	for (unsigned int i = 0; i < hooks->count; i++)
		hook_undo(context, &hooks->hook[i]);
}

void hook_set_close(struct hook_set *hooks)
{
	for (unsigned int i = 0; i < hooks->count; i++)
		hook_close(&hooks->hook[i]);
	hooks->count = 0;
}

void hook_set_keep(const struct hook_set *hooks, struct fd_list *list)
{
	for (unsigned int i = 0; i < hooks->count; i++)
		hook_keep(&hooks->hook[i], list);
}

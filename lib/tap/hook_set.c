// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Selects hooks of a pipeline, opens a capture point for each armed hook, and logs which hooks are
 * gone.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "bpf/bpfinfo.h"
#include "base/cleanup.h"
#include "tap/hook_disarm.h"
#include "tap/hook_preload.h"
#include "tap/hook_reasons.h"
#include "tap/hook_set.h"
#include "tap/hook_template.h"
#include "process/lock.h"
#include "tap/tag_place.h"

/* The name as it was read with the hook, even if the program no longer exists. */
static void hook_set_program_name(const struct tap_context *context, __u32 id, char *name,
				  size_t size)
{
	const struct pipeline_program *program = pipeline_find(&context->pipeline, id);

	if (program)
		snprintf(name, size, "%s", program->name);
	else if (id)
		bpfinfo_name_by_id(id, name, size);
	else
		snprintf(name, size, "<unknown>");
}

/* Frames that a program drops also reach the tag member directly before it. */
static bool hook_set_is_selected(const struct tap_context *context,
				 const struct pipeline_hook *hook)
{
	const char *selector = context->opts->program;
	const struct pipeline_program *next = NULL;
	char name[64];

	hook_set_program_name(context, hook->program_id, name, sizeof(name));
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

const struct pipeline_hook *hook_set_first(const struct tap_context *context, unsigned int kinds)
{
	for (unsigned int i = 0; i < context->pipeline.hook_count; i++) {
		const struct pipeline_hook *hook = &context->pipeline.hooks[i];

		if (hook_set_is_wanted(context, hook, kinds) && hook_has_slot(context, hook))
			return hook;
	}
	return NULL;
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
	snprintf(why, size, "no hook on %s has a slot for the selected actions",
		 context->pipeline.ifname);
	return -EINVAL;
}

static int hook_set_add_point(const struct tap_context *context, const struct hook *hook)
{
	struct xdpdrop_point point =
		tap_point(context, hook->info.tag ? TAP_TAG : TAP_HOOK, hook->info.program_id, "");
	struct reasons reasons = { 0 };

	point.hook_id = hook->info.map_id;
	memcpy(point.hook, hook->info.name, sizeof(point.hook));
	hook_set_program_name(context, point.program_id, point.program, sizeof(point.program));
	hook_reasons_of_map(&reasons, hook->map_fd);
	reasons_merge(&reasons, &context->points->named);
	return points_add(context->points, &point, &reasons);
}

/* @hook is initialised, and to be closed on failure. */
static int hook_set_open_point(const struct tap_context *context, struct hook *hook)
{
	int point = hook_set_add_point(context, hook), err;

	if (point < 0)
		return log_error(context->log, point,
				 "hook %s (map id %u) of program id %u on %s is not followed: "
				 "there is room for %d hooks and programs",
				 hook->info.name, hook->info.map_id, hook->info.program_id,
				 context->pipeline.ifname, XDPDROP_MAX_POINTS);
	hook->point = point;
	err = hook_begin(context, hook);
	if (err)
		points_refuse(context->points, point, err);
	return err;
}

/* Add a hook that hook_set_finish() arms. Takes over @map_fd. */
static int hook_set_begin(const struct tap_context *context, struct hook_set *hooks,
			  const struct pipeline_hook *info, int map_fd)
{
	struct hook hook;
	int err;

	hook_init(&hook, info, map_fd);
	if (hooks->count)
		hook.type = hooks->hook[hooks->count - 1].type;
	if (ARRAY_GROW(hooks->hook, hooks->count))
		err = hook_set_open_point(context, &hook);
	else
		err = log_error(context->log, -ENOMEM, "out of memory");
	if (err) {
		hook_close(&hook);
		return err;
	}
	hooks->hook[hooks->count++] = hook;
	return 0;
}

/* A hook that cannot be armed is removed. */
static int hook_set_finish(const struct tap_context *context, struct hook_set *hooks,
			   unsigned int index, const struct hook_template *template)
{
	struct hook *hook = &hooks->hook[index];
	int err = hook_finish(context, hook, template);

	if (!err)
		return 0;
	points_refuse(context->points, hook->point, err);
	hook_close(hook);
	memmove(hook, hook + 1, (--hooks->count - index) * sizeof(*hook));
	return err;
}

int hook_set_add(struct tap_context *context, struct hook_set *hooks,
		 const struct pipeline_hook *info, int map_fd)
{
	unsigned int index = hooks->count;
	int err = hook_set_begin(context, hooks, info, map_fd);
	struct hook_template *template;

	if (err)
		return err;
	template = hook_template_new(context, &hooks->hook[index], 1);
	hook_preload(context, &hooks->hook[index], 1, template);
	err = hook_set_finish(context, hooks, index, template);
	hook_template_free(template);
	return err;
}

/* Is the hook to be armed: selected, not armed yet, and not in the denylist? */
static bool hook_set_is_missing(const struct tap_context *context, const struct hook_set *hooks,
				const struct pipeline_hook *hook)
{
	for (unsigned int i = 0; i < hooks->count; i++)
		if (hooks->hook[i].info.map_id == hook->map_id)
			return false;
	return hook_set_is_wanted(context, hook, hooks->kinds) && hook_has_slot(context, hook) &&
	       denylist_allows(&hooks->denied, hook->map_id);
}

/* The first error of a hook was logged. Later attempts are silent. */
static struct tap_context hook_set_quiet(const struct tap_context *context,
					 const struct hook_set *hooks, __u32 map_id)
{
	struct tap_context quiet = *context;

	if (denylist_find(&hooks->denied, map_id))
		quiet.log = NULL;
	return quiet;
}

/* Later attempts begin with a cheap check of the slots. */
static int hook_set_try(const struct tap_context *context, struct hook_set *hooks,
			const struct pipeline_hook *hook)
{
	bool again = denylist_find(&hooks->denied, hook->map_id) != NULL;
	struct tap_context quiet = hook_set_quiet(context, hooks, hook->map_id);
	char why[256];
	int fd, err;

	err = again ? hook_check(&quiet, hook, hook->fd, why, sizeof(why)) : 0;
	if (err)
		return err;
	fd = fcntl(hook->fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	if (fd < 0)
		return log_error(quiet.log, -errno, "cannot open hook %s (map id %u): %s",
				 hook->name, hook->map_id, strerror(errno));
	return hook_set_begin(&quiet, hooks, hook, fd);
}

/* -ESTALE: the next look finds another program. */
static void hook_set_deny(const struct tap_context *context, struct hook_set *hooks, __u32 map_id,
			  int err)
{
	if (err == -ESTALE)
		return;
	if (!denylist_find(&hooks->denied, map_id))
		points_count_refused(context->points);
	denylist_add(&hooks->denied, map_id, err);
}

/* Arm the hooks from @index on, which have begun. Returns the first error. */
static int hook_set_finish_all(const struct tap_context *context, struct hook_set *hooks,
			       unsigned int index)
{
	struct hook_template *template =
		hook_template_new(context, hooks->hook + index, hooks->count - index);
	int first = 0;

	hook_preload(context, hooks->hook + index, hooks->count - index, template);
	while (index < hooks->count) {
		__u32 map_id = hooks->hook[index].info.map_id;
		struct tap_context quiet = hook_set_quiet(context, hooks, map_id);
		int err = hook_set_finish(&quiet, hooks, index, template);

		if (err) {
			hook_set_deny(context, hooks, map_id, err);
			first = first ?: err;
			continue;
		}
		denylist_remove(&hooks->denied, map_id);
		index++;
	}
	hook_template_free(template);
	return first;
}

int hook_set_arm(struct tap_context *context, struct hook_set *hooks)
{
	unsigned int before = hooks->count;
	int first = 0, err;

	for (unsigned int i = 0; i < context->pipeline.hook_count; i++) {
		const struct pipeline_hook *hook = &context->pipeline.hooks[i];

		if (!hook_set_is_missing(context, hooks, hook))
			continue;
		if (interrupt_wanted(context->interrupt)) {
			first = -EINTR;
			break;
		}
		err = hook_set_try(context, hooks, hook);
		if (err)
			hook_set_deny(context, hooks, hook->map_id, err);
		first = first ?: err;
	}
	err = hook_set_finish_all(context, hooks, before);
	return first ?: err;
}

static bool hook_set_in_pipeline(const void *data, __u32 map_id)
{
	const struct pipeline *pipeline = data;

	for (unsigned int i = 0; i < pipeline->hook_count; i++)
		if (pipeline->hooks[i].map_id == map_id)
			return true;
	return false;
}

static void hook_set_remove_hook(struct tap_context *context, struct hook_set *hooks,
				 unsigned int index)
{
	struct hook *hook = &hooks->hook[index];

	points_close(context->points, hook->point);
	hook_disarm(context, hook, 1);
	hook_close(hook);
	memmove(hook, hook + 1, (--hooks->count - index) * sizeof(*hook));
}

static void hook_set_prune(struct tap_context *context, struct hook_set *hooks, bool pinned)
{
	for (unsigned int i = hooks->count; i-- > 0;) {
		const struct hook *hook = &hooks->hook[i];
		const struct xdpdrop_point *point = &context->points->point[hook->point].info;

		if (!pinned && !hook_set_in_pipeline(&context->pipeline, hook->info.map_id))
			log_warn(context->log,
				 "program %s (id %u) is no longer on %s: its hook %s is closed",
				 point->program, point->program_id, point->ifname, hook->info.name);
		else if (hook_intact(hook)) {
			hook_trim(context, &hooks->hook[i]);
			continue;
		} else if (hook->is_new)
			hook_note_emptied(context, hook, &hooks->emptied);
		else
			hook_warn_changed(context, hook, "the hook is closed");
		hook_set_remove_hook(context, hooks, i);
	}
	if (!pinned)
		denylist_prune(&hooks->denied, hook_set_in_pipeline, &context->pipeline);
}

/* Is there nothing to prune and nothing to arm? Then the lock is not needed. */
static bool hook_set_is_settled(const struct tap_context *context, const struct hook_set *hooks,
				bool pinned)
{
	for (unsigned int i = 0; i < hooks->count; i++)
		if ((!pinned &&
		     !hook_set_in_pipeline(&context->pipeline, hooks->hook[i].info.map_id)) ||
		    !hook_intact(&hooks->hook[i]) || !hook_is_trim(&hooks->hook[i]))
			return false;
	for (unsigned int i = 0; !pinned && i < context->pipeline.hook_count; i++)
		if (hook_set_is_missing(context, hooks, &context->pipeline.hooks[i]))
			return false;
	return true;
}

/* Reading records must not wait for a process that arms. The next resync tries again. */
static void hook_set_change(struct tap_context *context, struct hook_set *hooks, bool pinned)
{
	CLEANUP_FD int lock = lock_try();
	unsigned int before;

	if (lock == -EWOULDBLOCK)
		return;
	hook_set_prune(context, hooks, pinned);
	before = hooks->count;
	if (!pinned)
		hook_set_arm(context, hooks);
	for (unsigned int i = before; i < hooks->count; i++)
		hooks->hook[i].is_new = true;
}

/* Of those that the last look has armed. */
static void hook_set_announce_new(const struct tap_context *context, struct hook_set *hooks)
{
	for (unsigned int i = 0; i < hooks->count; i++) {
		struct hook *hook = &hooks->hook[i];
		const struct xdpdrop_point *point = &context->points->point[hook->point].info;

		if (!hook->is_new || !hook_intact(hook))
			continue;
		hook->is_new = false;
		hooks->emptied.count = 0;
		log_warn(context->log,
			 "program %s (id %u) on %s is followed from now on, at hook %s (map id %u)",
			 point->program, point->program_id, point->ifname, hook->info.name,
			 hook->info.map_id);
	}
}

/* Follow changes of the lower interfaces. No lock is needed: only this session writes the table. */
static void hook_set_follow_devices(const struct tap_context *context, struct hook_set *hooks)
{
	for (unsigned int i = 0; i < hooks->count; i++) {
		struct hook *hook = &hooks->hook[i];
		int err = hook_follow_devices(context, hook);

		if (err && err != hook->devices_error)
			log_error(context->log, err,
				  "hook %s (map id %u): not all interfaces below %s are "
				  "followed: %s",
				  hook->info.name, hook->info.map_id, context->pipeline.ifname,
				  strerror(-err));
		hook->devices_error = err;
	}
}

void hook_set_follow(struct tap_context *context, struct hook_set *hooks, bool pinned)
{
	if (!pinned && !pipeline_is_whole(&context->pipeline))
		return;
	hook_set_announce_new(context, hooks);
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

bool hook_set_is_intact(const struct hook_set *hooks)
{
	for (unsigned int i = 0; i < hooks->count; i++)
		if (!hook_intact(&hooks->hook[i]))
			return false;
	return true;
}

void hook_set_undo(const struct tap_context *context, struct hook_set *hooks)
{
	for (unsigned int i = 0; i < hooks->count; i++)
		if (!hook_intact(&hooks->hook[i]))
			hook_warn_changed(context, &hooks->hook[i], "it missed drops");
	hook_disarm(context, hooks->hook, hooks->count);
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

void hook_set_free(struct hook_set *hooks)
{
	free(hooks->hook);
	denylist_free(&hooks->denied);
	*hooks = (struct hook_set){ 0 };
}

// SPDX-License-Identifier: LGPL-2.1-only
/*
 * The tag tap: arms the tag members of an interface's dispatcher. If there is none, it adds one for
 * the time of the capture.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "tap/hook_set.h"
#include "process/lock.h"
#include "tap/tag_member.h"
#include "tap/tag_place.h"
#include "xdp/stale_pins.h"

struct tap_state {
	struct hook_set hooks;
	struct tag_member member; /* the member placed by this capture */
};

static int tag_tap_check(const struct tap_context *context, char *why, size_t size)
{
	bool can_place;

	if (!(context->opts->actions & 1U << XDP_DROP)) {
		snprintf(why, size,
			 "a tag member has no slot for the selected actions: it gets only "
			 "frames that will be dropped");
		return -EINVAL;
	}
	if (hook_set_wanted(context, HOOKS_TAG))
		return hook_set_check(context, HOOKS_TAG, why, size);
	if (context->may_place)
		return tag_member_check(context, why, size);
	tag_place_explain(context, why, size);
	if (why[0])
		return -ENOENT;
	can_place = !tag_member_check(context, why, size);
	snprintf(why, size, "there is no tag member on %s%s", context->pipeline.ifname,
		 can_place ? "; one is placed if tap tag is asked for" : "");
	return -ENOENT;
}

static bool tag_tap_is_intact(const struct tap_state *state)
{
	return hook_set_is_intact(&state->hooks);
}

static void tag_tap_undo(struct tap_context *context, struct tap_state *state)
{
	CLEANUP_FD int lock = lock_take(context->log);

	hook_set_undo(context, &state->hooks);
	tag_member_undo(context, &state->member);
}

static void tag_tap_close(struct tap_state *state)
{
	hook_set_close(&state->hooks);
}

static void tag_tap_keep(const struct tap_state *state, struct fd_list *list)
{
	hook_set_keep(&state->hooks, list);
}

static void tag_tap_free(struct tap_state *state)
{
	hook_set_free(&state->hooks);
}

/*
 * Remove dead sessions' members, which changes the pipeline. A watchdog may also have changed it
 * before the lock was taken.
 */
static int tag_tap_clean_first(struct tap_context *context)
{
	struct pipeline *pipeline = &context->pipeline;
	int removed = 0, stale,
	    err = pipeline_read(pipeline, NULL, pipeline->ifindex, context->log);

	if (err)
		return err;
	for (unsigned int i = 0; i < pipeline->program_count; i++) {
		__u32 pid;
		int done = member_clean(pipeline->root_ifindex, &pipeline->programs[i], &pid,
					context->log);

		if (done < 0)
			return done;
		if (done)
			log_info(context->log,
				 "%s: removed the tag member that a dead session (pid %u) left",
				 pipeline->ifname, pid);
		removed += done;
	}
	stale = stale_pins_remove(pipeline, 0);
	if (stale)
		log_info(context->log, "%s: removed stale libxdp pins of %d dispatchers",
			 pipeline->ifname, stale);
	if (!removed)
		return 0;
	return pipeline_read(pipeline, NULL, pipeline->ifindex, context->log);
}

static int tag_tap_place(struct tap_context *context, struct tap_state *state, int *table)
{
	__u32 ifindex = context->pipeline.ifindex;
	int err = tag_tap_clean_first(context);

	if (err || hook_set_wanted(context, HOOKS_TAG) || !context->may_place)
		return err;
	err = tag_member_place(context, &state->member, table);
	return err ?: pipeline_read(&context->pipeline, NULL, ifindex, context->log);
}

/* Describe where the member was placed, for messages. */
static void tag_tap_describe_points(struct tap_context *context, const struct tap_state *state)
{
	for (unsigned int i = 0; i < state->hooks.count; i++) {
		const struct hook *hook = &state->hooks.hook[i];
		struct xdpdrop_point *point = &context->points->point[hook->point].info;

		if (point->program_id == state->member.placed.id)
			memcpy(point->before, state->member.before, sizeof(point->before));
	}
}

static int tag_tap_arm(struct tap_context *context, struct tap_state *state)
{
	CLEANUP_FD int lock = lock_take(context->log);
	CLEANUP_FD int table = -1;
	int err;

	state->hooks.kinds = HOOKS_TAG;
	err = tag_tap_place(context, state, &table);
	err = err ?: hook_set_arm(context, &state->hooks);
	if (!err && !state->hooks.count)
		return log_error(context->log, -ESTALE,
				 "another process changed the programs of %s just now; start again",
				 context->pipeline.ifname);
	tag_tap_describe_points(context, state);
	return err;
}

/* A failure ends the capture, which would otherwise capture nothing. */
static int tag_tap_place_again(struct tap_context *context, struct tap_state *state)
{
	CLEANUP_FD int lock = lock_try();
	CLEANUP_FD int table = -1;
	int err;

	if (lock == -EWOULDBLOCK)
		return 0; /* the next resync tries again */
	if (tag_tap_clean_first(context) || !tag_member_is_due(context, &state->member))
		return 0;
	tag_member_undo(context, &state->member); /* withdraws its record in the journal */
	err = tag_member_place(context, &state->member, &table);
	if (!err)
		err = pipeline_read(&context->pipeline, NULL, context->pipeline.ifindex,
				    context->log);
	if (!err)
		err = hook_set_arm(context, &state->hooks);
	if (err)
		return err;
	log_warn(context->log,
		 "the tag member on %s was unloaded with all others; another one is placed before "
		 "%s",
		 context->pipeline.ifname, state->member.before);
	tag_tap_describe_points(context, state);
	return 0;
}

static int tag_tap_resync(struct tap_context *context, struct tap_state *state)
{
	hook_set_follow(context, &state->hooks, false);
	if (!tag_member_is_due(context, &state->member))
		return 0;
	return tag_tap_place_again(context, state);
}

const struct tap tap_tag = {
	.name = TAP_TAG,
	.state_size = sizeof(struct tap_state),
	.shows = TAP_SHOWS_TAGS,
	.has_reasons = true,
	.check = tag_tap_check,
	.arm = tag_tap_arm,
	.resync = tag_tap_resync,
	.is_intact = tag_tap_is_intact,
	.undo = tag_tap_undo,
	.close = tag_tap_close,
	.free = tag_tap_free,
	.keep = tag_tap_keep,
};

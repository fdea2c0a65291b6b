// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Walks along chains. Refuses to follow programs of other tools, and captures that cannot be
 * followed.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/action.h"
#include "base/cleanup.h"
#include "bpf/bpfinfo.h"
#include "tap/hook_place.h"

/* Id of the map that names this session; 0: it has none yet. */
static int hook_place_session(const struct tap_context *context, __u32 *id)
{
	struct bpf_map_info ours;
	int err = 0;

	*id = 0;
	if (context->maps->owner_fd < 0)
		return 0;
	err = bpfinfo_map(context->maps->owner_fd, &ours);
	if (!err)
		*id = ours.id;
	return err;
}

/*
 * Why the program at which the walk stands cannot be followed. @err: of the walk. 0: it can.
 * The walk is at a program.
 */
static int hook_place_judge(const struct tap_context *context, const struct pipeline_hook *hook,
			    const struct hook_walk *walk, int err, char *why, size_t size)
{
	char name[64];

	if (err && err != -ENOENT) {
		snprintf(why, size, "cannot read the %s slot of hook %s (map id %u): %s",
			 action_name(walk->slot), hook->name, hook->map_id, strerror(-err));
		return err;
	}
	if (err) {
		bpfinfo_name_by_id(walk->id, name, sizeof(name));
		snprintf(why, size,
			 "hook %s (map id %u) already has program %s (id %u) in its %s slot; end "
			 "the tool that put it there",
			 hook->name, hook->map_id, name, walk->id, action_name(walk->slot));
		return -EBUSY;
	}
	if (walk->owner.alive && (walk->next_fd < 0 || context->maps->replaying)) {
		snprintf(why, size,
			 "hook %s (map id %u) is in use by the xdpdrop session with pid %u",
			 hook->name, hook->map_id, walk->owner.pid);
		return -EBUSY;
	}
	return 0;
}

/* Those of other slots may be further ones, which were not looked at. */
static int hook_place_full(const struct pipeline_hook *hook, char *why, size_t size)
{
	snprintf(why, size,
		 "hook %s (map id %u) is in use by %d or more xdpdrop sessions, and one can "
		 "follow at most %d: end some of them",
		 hook->name, hook->map_id, HOOK_CAPTURES, HOOK_CAPTURES - 1);
	return -EBUSY;
}

/* A tag member that a capture has placed goes with that capture. */
static int hook_place_check_member(const struct pipeline_hook *hook, __u32 session, char *why,
				   size_t size)
{
	struct owner owner;

	if (!hook->tag || owner_of(hook->program_id, &owner) || !owner.alive ||
	    owner.map_id == session)
		return 0;
	snprintf(why, size, "hook %s (map id %u) is in use by the xdpdrop session with pid %u",
		 hook->name, hook->map_id, owner.pid);
	return -EBUSY;
}

int hook_place_check(const struct tap_context *context, const struct pipeline_hook *hook,
		     int map_fd, __u32 slot, char *why, size_t size)
{
	unsigned int captures = 0;
	struct hook_walk walk;
	__u32 session;
	int err = hook_place_session(context, &session);

	err = err ?: hook_place_check_member(hook, session, why, size);
	if (err)
		return err;
	hook_walk_begin(&walk, map_fd, slot);
	for (;;) {
		err = hook_walk_look(&walk);
		if ((!err && !walk.id) || (!err && walk.owner.map_id == session))
			break;
		err = hook_place_judge(context, hook, &walk, err, why, size);
		if (err || walk.next_fd < 0)
			break;
		captures += walk.owner.alive;
		hook_walk_advance(&walk);
	}
	hook_walk_end(&walk);
	if (!err && captures >= HOOK_CAPTURES)
		return hook_place_full(hook, why, size);
	return err;
}

/* Add the capture at which the walk stands. -ENOSPC: there is no room. */
static int hook_place_add(struct hook_chain *chain, struct hook_walk *walk)
{
	__u32 i = 0;

	while (i < chain->count && chain->before[i].next_id != walk->next_id)
		i++;
	if (i == HOOK_CAPTURES - 1)
		return -ENOSPC;
	if (i == chain->count) {
		chain->before[i] = (struct hook_before){ .next_id = walk->next_id };
		chain->before[i].next_fd = fcntl(walk->next_fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
		if (chain->before[i].next_fd < 0)
			return -errno;
		chain->count++;
	}
	chain->before[i].id[walk->slot] = walk->id;
	hook_walk_advance(walk);
	return 0;
}

/* Returns 1 at the end of the chain, 0, or -errno with the reason in @why. */
static int hook_place_step(const struct tap_context *context, struct hook *hook,
			   struct hook_walk *walk, char *why, size_t size)
{
	int err = hook_walk_look(walk);

	if (!err && !walk->id)
		return 1;
	err = hook_place_judge(context, &hook->info, walk, err, why, size);
	if (err)
		return err;
	if (!walk->owner.alive) {
		err = hook_walk_unlink(walk);
		if (!err)
			log_info(context->log,
				 "hook %s: taking over the %s slot that a dead session (pid %u) "
				 "left",
				 hook->info.name, action_name(walk->slot), walk->owner.pid);
	} else {
		err = hook_place_add(&hook->chain, walk);
		if (err == -ENOSPC)
			return hook_place_full(&hook->info, why, size);
	}
	if (err)
		snprintf(why, size, "cannot follow the sessions in the %s slot of hook %s: %s",
			 action_name(walk->slot), hook->info.name, strerror(-err));
	return err;
}

int hook_place_claim(const struct tap_context *context, struct hook *hook, __u32 slot)
{
	struct hook_walk walk;
	__u32 session;
	char why[256];
	int err = hook_place_session(context, &session);

	if (err)
		return log_error(context->log, err, "cannot read this session's map: %s",
				 strerror(-err));
	err = hook_place_check_member(&hook->info, session, why, sizeof(why));
	hook_walk_begin(&walk, hook->map_fd, slot);
	while (!err)
		err = hook_place_step(context, hook, &walk, why, sizeof(why));
	hook_walk_end(&walk);
	return err < 0 ? log_error(context->log, err, "%s", why) : 0;
}

int hook_place_find(const struct tap_context *context, int map_fd, __u32 slot, __u32 *id)
{
	struct hook_walk walk;
	__u32 session;
	int err = hook_place_session(context, &session);

	*id = 0;
	hook_walk_begin(&walk, map_fd, slot);
	while (!err) {
		err = hook_walk_look(&walk);
		if (err || !walk.id)
			break;
		if (walk.owner.map_id == session)
			*id = walk.id;
		if (*id || walk.next_fd < 0)
			break;
		hook_walk_advance(&walk);
	}
	hook_walk_end(&walk);
	/* another tool's program: the slot is not shared */
	return err == -ENOENT ? 0 : err;
}

int hook_place_join(const struct tap_context *context, struct hook *hook, __u32 slot)
{
	struct hook_walk walk;
	__u32 session;
	int err = hook_place_session(context, &session);

	hook_walk_begin(&walk, hook->map_fd, slot);
	while (!err) {
		err = hook_walk_look(&walk);
		if (err)
			break;
		if (walk.id && walk.owner.map_id == session) {
			hook->slot_id[slot] = walk.id;
			if (hook->chain.next_fd < 0)
				hook->chain.next_fd = take_fd(&walk.next_fd);
			break;
		}
		err = walk.id && walk.next_fd >= 0 ? hook_place_add(&hook->chain, &walk) : -ESTALE;
	}
	hook_walk_end(&walk);
	return err;
}

/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * The armed hooks of one interface, and their changes when programs are loaded and unloaded.
 */
#ifndef XDPDROP_TAP_HOOK_SET_H
#define XDPDROP_TAP_HOOK_SET_H

#include "tap/denylist.h"
#include "tap/hook.h"

/* Kinds of hooks, to be or-ed. */
#define HOOKS_EXIT 1U /* in a program that drops frames */
#define HOOKS_TAG 2U  /* in a tag member, before the program that drops frames */

struct hook_set {
	unsigned int kinds; /* kinds of hooks to arm */
	unsigned int count;
	struct hook *hook;
	struct denylist denied; /* map ids */
	struct hook_emptied emptied;
	bool waiting; /* the message that there is no hook was logged */
};

/* The number of hooks in context->pipeline of @kinds that context->opts selects. */
unsigned int hook_set_wanted(const struct tap_context *context, unsigned int kinds);

/* The first of them that has a slot for the selected actions, or NULL. */
const struct pipeline_hook *hook_set_first(const struct tap_context *context, unsigned int kinds);

/*
 * Are the slots of all these hooks free? 0, or with the reason in @why -EBUSY, or -EINVAL: no hook
 * has a slot for the selected actions.
 */
int hook_set_check(const struct tap_context *context, unsigned int kinds, char *why, size_t size);

/* Arm one hook. Takes over @map_fd. The lock is held. Errors are logged. */
int hook_set_add(struct tap_context *context, struct hook_set *hooks,
		 const struct pipeline_hook *info, int map_fd);

/*
 * Arm hooks of the pipeline that are not armed yet. The lock is held. Returns the first error. The
 * first error of each hook is logged, and the hook counts as refused. Errors that may pass are
 * tried again.
 */
int hook_set_arm(struct tap_context *context, struct hook_set *hooks);

/*
 * Close hooks whose slots were changed by others, and unless @pinned hooks that are no longer in
 * the pipeline, and arm new ones, unless another process holds the lock. Update the interfaces of
 * each hook. Log when no hook is left. Does nothing while the pipeline is incomplete.
 */
void hook_set_follow(struct tap_context *context, struct hook_set *hooks, bool pinned);

/* Is each hook as it was armed? */
bool hook_set_is_intact(const struct hook_set *hooks);

/* Disarm all hooks. The lock is held. Logs errors. */
void hook_set_undo(const struct tap_context *context, struct hook_set *hooks);

/* Close all descriptors. The hooks stay armed. */
void hook_set_close(struct hook_set *hooks);

/* Add all descriptors to @list. */
void hook_set_keep(const struct hook_set *hooks, struct fd_list *list);

void hook_set_free(struct hook_set *hooks);

#endif

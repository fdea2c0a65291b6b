/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * The hooks of one interface that a capture has armed, while programs come and go.
 */
#ifndef XDPDROP_TAP_HOOK_SET_H
#define XDPDROP_TAP_HOOK_SET_H

#include "tap/denylist.h"
#include "tap/hook.h"

/* Kinds of hooks, to be or-ed. */
#define HOOKS_EXIT 1U /* in a program that drops */
#define HOOKS_TAG 2U  /* in a tag member, before the program that drops */

struct hook_set {
	unsigned int kinds; /* those that belong here */
	unsigned int count;
	struct hook *hook;
	struct denylist denied; /* map ids */
	bool waiting;		/* said that there is no hook now */
};

/* How many hooks of context->pipeline are of @kinds and wanted by context->opts. */
unsigned int hook_set_wanted(const struct tap_context *context, unsigned int kinds);

/*
 * Are the slots of all these free? 0, or with the reason in words in @why -EBUSY, or -EINVAL: none
 * has a slot for the actions asked for.
 */
int hook_set_check(const struct tap_context *context, unsigned int kinds, char *why, size_t size);

/* Arm one hook; takes @map_fd. With the lock held. Errors are logged. */
int hook_set_add(struct tap_context *context, struct hook_set *hooks,
		 const struct pipeline_hook *info, int map_fd);

/*
 * Arm what the pipeline has and @hooks have not. With the lock held. Returns the first error. Each
 * hook's first error is logged, and it counts as refused; errors that may pass are tried again.
 */
int hook_set_arm(struct tap_context *context, struct hook_set *hooks);

/*
 * Close hooks that somebody has taken and, unless @pinned, those that have left the pipeline, and
 * arm new ones; not while somebody else has the lock. All follow the interfaces below the captured
 * one. Logs when none is left. Nothing while the
 * pipeline is not whole.
 */
void hook_set_follow(struct tap_context *context, struct hook_set *hooks, bool pinned);

/* Disarm all. With the lock held. Logs errors. */
void hook_set_undo(const struct tap_context *context, struct hook_set *hooks);

/* Close all descriptors; what is armed stays so. */
void hook_set_close(struct hook_set *hooks);

/* Add all descriptors to @list. */
void hook_set_keep(const struct hook_set *hooks, struct fd_list *list);

void hook_set_free(struct hook_set *hooks);

#endif

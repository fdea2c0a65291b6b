/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * One hook with our capture programs in its slots.
 */
#ifndef XDPDROP_TAP_HOOK_H
#define XDPDROP_TAP_HOOK_H

#include "bpf/program_type.h"
#include "tap/tap.h"
#include "xdp/hook_slots.h"

struct hook {
	struct pipeline_hook info;
	int map_fd;
	unsigned int point;
	int ifaces_fd;		   /* from where, shared with the session's other interfaces */
	__u32 record;		   /* of it in the journal, 0: none */
	int devices_error;	   /* of hook_follow_devices(), last time */
	__u32 slot_id[HOOK_SLOTS]; /* the session's program's id, 0: slot not ours */
	int slot_fd[HOOK_SLOTS];   /* that program, -1 where another interface armed it */
	__u64 rules[XDPDROP_MAX_RULES];
	__u32 rule_count;				  /* chosen */
	__u32 reasons[XDPDROP_MAX_REASONS], reason_count; /* chosen, by this hook's numbers */
};

/* A hook that is not armed; takes @map_fd. To be closed. */
void hook_init(struct hook *hook, const struct pipeline_hook *info, int map_fd);

/* Has it one for the actions that context->opts asks for? */
bool hook_has_slot(const struct tap_context *context, const struct pipeline_hook *hook);

/*
 * Would hook_arm() find the slots free? 0, or with the reason in words in @why -EBUSY, or another
 * error: they cannot be looked at now.
 */
int hook_check(const struct tap_context *context, const struct pipeline_hook *hook, int map_fd,
	       char *why, size_t size);

/*
 * Put a capture program into every slot that context->opts asks for. All or nothing; @hook is to be
 * closed in any case.
 * Errors: -EBUSY somebody else's program is there, -EOPNOTSUPP nobody would accept ours; logged.
 */
int hook_arm(const struct tap_context *context, struct hook *hook);

/* Record from context->pipeline's interfaces as they are now. -ENOSPC: not from all; -errno. */
int hook_follow_devices(const struct tap_context *context, const struct hook *hook);

/* One program filters for all interfaces that share the hook. -EINVAL: it does not suit, logged. */
int hook_check_filter(const struct tap_context *context, const struct hook *hook);

/*
 * Record no more; empty the slots that still hold our programs unless other interfaces use them.
 * 0, or -errno: some could not be emptied, or looked at.
 */
int hook_undo(const struct tap_context *context, struct hook *hook);

/* Close the descriptors; what is armed stays so. */
void hook_close(struct hook *hook);

/* Add the descriptors to @list. */
void hook_keep(const struct hook *hook, struct fd_list *list);

/* Does every slot still hold what we put there? Also false once the map is empty. */
bool hook_intact(const struct hook *hook);

/* Note in @hook which of its program's reasons and rules context->opts chooses. Logs warnings. */
void hook_program_choose(const struct tap_context *context, struct hook *hook);

/* Load one as @type, or as an extension of the dispatcher; its fd, or -errno. */
int hook_program_load(const struct tap_context *context, const struct hook *hook, __u32 slot,
		      struct program_type type, bool extension);

#endif

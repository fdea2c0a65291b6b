/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * One hook with capture programs in its slots.
 */
#ifndef XDPDROP_TAP_HOOK_H
#define XDPDROP_TAP_HOOK_H

#include "bpf/program_type.h"
#include "tap/tap.h"
#include "xdp/hook_slots.h"

struct hook_template;

struct hook {
	struct pipeline_hook info;
	int map_fd;
	unsigned int point;
	int ifaces_fd;	   /* table of interfaces, shared with other interfaces of the session */
	__u32 record;	   /* number of its record in the journal, 0: none */
	int devices_error; /* last error of hook_follow_devices() */
	__u32 slot_id[HOOK_SLOTS]; /* id of the session's program, 0: not the session's slot */
	int slot_fd[HOOK_SLOTS];   /* descriptor of that program; -1: armed for another interface */
	struct hook_chain chain;   /* its place among the captures at this hook */
	__u32 wanted;		   /* slots to fill, one bit each */
	int loaded[HOOK_SLOTS];	   /* a program for that slot, loaded in advance; -1: none */
	bool extension;		   /* its programs are extensions */
	unsigned int type;	   /* number of the type of program that is tried first */
	bool fits;		   /* the map accepts that type */
	bool is_new;		   /* armed by the last look, and may still be emptied */
	__u64 rules[XDPDROP_MAX_RULES];
	__u32 rule_count; /* chosen */
	__u32 reasons[XDPDROP_MAX_REASONS],
		reason_count; /* selected reasons, by the numbers of this hook */
};

/* Initialise a hook that is not armed. Takes over @map_fd. To be closed. */
void hook_init(struct hook *hook, const struct pipeline_hook *info, int map_fd);

/* Does the hook have a slot for one of the actions in context->opts? */
bool hook_has_slot(const struct tap_context *context, const struct pipeline_hook *hook);

/*
 * Is there room in the slots for hook_begin()? 0, or with the reason in @why -EBUSY, or another
 * error: they cannot be read now.
 */
int hook_check(const struct tap_context *context, const struct pipeline_hook *hook, int map_fd,
	       char *why, size_t size);

/*
 * Two functions put a capture program into each slot that context->opts selects: all or none.
 * hook_begin() finds the slots and the type of program, and hook_finish() fills the slots, with
 * programs in hook->loaded or others, which are copies of @template unless that is NULL. @hook is
 * to be closed in any case. Errors: -EBUSY: a slot has another tool's program, or there are
 * HOOK_CAPTURES captures; -EOPNOTSUPP: no type of program is accepted; logged.
 */
int hook_begin(const struct tap_context *context, struct hook *hook);
int hook_finish(const struct tap_context *context, struct hook *hook,
		const struct hook_template *template);

/*
 * Record frames of context->pipeline's present interfaces. Errors: -ENOSPC: there is no room for
 * all of them; others.
 */
int hook_follow_devices(const struct tap_context *context, const struct hook *hook);

/*
 * The program of a shared hook has one filter for all its interfaces. -EINVAL: it does not suit
 * this one; logged.
 */
int hook_check_filter(const struct tap_context *context, const struct hook *hook);

/* What undoes it. */
struct hook_slots hook_slots_of(const struct hook *hook);

/*
 * Stop recording. Empty the slots that still hold the session's programs, unless other interfaces
 * use them. 0, or -errno: a slot could not be emptied or read.
 */
int hook_undo(const struct tap_context *context, struct hook *hook);

/* Close the descriptors. The hook stays armed. */
void hook_close(struct hook *hook);

/* Add the descriptors to @list. */
void hook_keep(const struct hook *hook, struct fd_list *list);

/* Does each slot still lead to the session's program? False if the map is empty. */
bool hook_intact(const struct hook *hook);

/* Log that it is not. @hence: what follows from that. */
void hook_warn_changed(const struct tap_context *context, const struct hook *hook,
		       const char *hence);

/* How often in a row a hook was emptied that had just been armed. */
struct hook_emptied {
	unsigned int count;
	__u64 next_warning; /* ns */
};

/* Count that this happened to @hook. The kernel may do it once; more is logged, once a minute. */
void hook_note_emptied(const struct tap_context *context, const struct hook *hook,
		       struct hook_emptied *emptied);

/* Does the hook keep open only maps of captures that are there? */
bool hook_is_trim(const struct hook *hook);

/* Close the others. The lock is held. */
void hook_trim(const struct tap_context *context, struct hook *hook);

/* Set the reasons and rules in @hook that context->opts selects. Logs warnings. */
void hook_program_choose(const struct tap_context *context, struct hook *hook);

#endif

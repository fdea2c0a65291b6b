/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * The tag member (tag.bpf.c) that a capture adds to libxdp's dispatcher.
 */
#ifndef XDPDROP_TAP_TAG_MEMBER_H
#define XDPDROP_TAP_TAG_MEMBER_H

#include "tap/tap.h"
#include "xdp/member.h"

struct tag_member {
	struct member placed;
	__u32 record;	 /* number of its record in the journal, 0: none was placed */
	__u32 before_id; /* id of the program before which it runs */
	char before[64]; /* name of that program */
};

/*
 * Can a tag member be placed before the program that context->opts names, or before the last
 * member? 0, or -errno with the reason in @why.
 */
int tag_member_check(const struct tap_context *context, char *why, size_t size);

/*
 * Is a new tag member needed? True if the placed one was unloaded with the program behind it, a
 * program of that name is in the dispatcher again, and a tag member can be placed before it.
 */
bool tag_member_is_due(const struct tap_context *context, const struct tag_member *member);

/*
 * Place a tag member, one of whose maps names this capture. The lock is held. Errors are logged.
 * *@table becomes a descriptor of its hook, to be kept open until the hook is armed: when the last
 * descriptor of a PROG_ARRAY is closed, the kernel empties it after a delay.
 */
int tag_member_place(const struct tap_context *context, struct tag_member *member, int *table);

/* Remove the tag member if it still exists. Errors are logged. */
void tag_member_undo(const struct tap_context *context, struct tag_member *member);

#endif

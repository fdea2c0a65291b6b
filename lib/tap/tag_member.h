/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * The tag member (tag.bpf.c) that a capture puts into libxdp's dispatcher for itself.
 */
#ifndef XDPDROP_TAP_TAG_MEMBER_H
#define XDPDROP_TAP_TAG_MEMBER_H

#include "tap/tap.h"
#include "xdp/member.h"

struct tag_member {
	struct member placed;
	__u32 record;	 /* of it in the journal, 0: none has been placed */
	__u32 before_id; /* the program that it runs directly before */
	char before[64]; /* its name */
};

/*
 * Could one be placed before the program context->opts names, or before the last member? 0, or
 * -errno with the reason in words in @why.
 */
int tag_member_check(const struct tap_context *context, char *why, size_t size);

/*
 * The one that was placed has been unloaded along with the program behind it, and a program of that
 * name is there again, before which a new one can be placed.
 */
bool tag_member_is_due(const struct tap_context *context, const struct tag_member *member);

/*
 * Place one there, signed as this capture's. With the lock held. Errors are logged.
 * Its hook's table is to stay open at *@table until the hook is armed: with the last descriptor
 * of a PROG_ARRAY the kernel empties it, and not at once.
 */
int tag_member_place(const struct tap_context *context, struct tag_member *member, int *table);

/* Remove it, if it is still there. Errors are logged. */
void tag_member_undo(const struct tap_context *context, struct tag_member *member);

#endif

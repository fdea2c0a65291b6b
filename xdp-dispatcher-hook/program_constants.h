/* SPDX-License-Identifier: GPL-2.0-only OR LGPL-2.1-only */
/*
 * Constants of a capture program that the library puts into its instructions before it loads the
 * program. Reading a variable in .rodata takes two instructions more for each frame, even where the
 * verifier has removed the branch that depended on it.
 */
#ifndef XDPDROP_PROGRAM_CONSTANTS_H
#define XDPDROP_PROGRAM_CONSTANTS_H

#include <linux/types.h>

struct xdpdrop_constants {
	/* of all programs */
	__u32 has_frags;	   /* frames may have fragments; Linux >= 5.18 */
	__u32 has_unaligned_loads; /* 8-byte loads at any packet offset are allowed */
	__u32 replaying;	   /* enum xdpdrop_replaying */
	__u32 filtering;	   /* there is a filter */
	__u32 sampling;		   /* sample in the control page is used */
	__u32 limiting;		   /* one of the rate limits is used */
	__u32 timing;		   /* frames are timed */
	__u32 counting;		   /* frames are only counted: there are no rings */
	__u32 matching;		   /* reasons count only frames that match the filter */
	/* of the capture program of a hook */
	__u32 action;		/* to record */
	__u32 verdict;		/* to return; XDP_PASS in a tag hook: a later member drops */
	__u32 slot;		/* of the hook */
	__u32 netns;		/* of interface indices; the program may run in others, too */
	__u32 tagged;		/* the hook is in a tag member */
	__u32 has_rules;	/* the hook's program sets rules in a struct xdpdrop_why */
	__u32 reasons_chosen;	/* record only the listed reasons, */
	__u32 reasons_unwanted; /* or all others */
	__u32 rules_chosen;	/* record only the listed rules */
	__u32 beside_exits;	/* exits of the same programs are armed; they must not */
				/* record the frame again */
};

/*
 * "rX = XDPDROP_CONSTANT_MARK + n" means the constant at index n. Below 2^31, because the
 * instruction extends the sign.
 */
#define XDPDROP_CONSTANT_MARK 0x78647100 /* "xdq" */
#define XDPDROP_CONSTANT_COUNT (sizeof(struct xdpdrop_constants) / sizeof(__u32))

#endif

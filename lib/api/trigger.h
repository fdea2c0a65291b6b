/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Conditions at which a flight recorder writes what it has. A trigger compares counters of the
 * capture with those that it has seen before.
 */
#ifndef XDPDROP_API_TRIGGER_H
#define XDPDROP_API_TRIGGER_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#include "xdpdrop.h"

#define TRIGGER_TEXT 96

enum trigger_kind {
	TRIGGER_REASON,		/* "reason=NAME": a frame of it */
	TRIGGER_NEW_REASON,	/* "new-reason": one that the capture did not have before */
	TRIGGER_RATE,		/* "rate>N": more frames within a second */
	TRIGGER_RATE_OF_REASON, /* "rate(NAME)>N" */
	TRIGGER_LOST,		/* "lost": a ring was full */
	TRIGGER_EXCEPTION,	/* "exception": a loss that a tracepoint reports */
	TRIGGER_GONE,		/* "gone": a program or interface is gone, or was replaced */
};

struct trigger {
	enum trigger_kind kind;
	char text[TRIGGER_TEXT];   /* as the user wrote it */
	char reason[TRIGGER_TEXT]; /* its name or number */
	bool has_number;	   /* it is a number: */
	__u32 number;
	__u64 rate;
	__u64 before; /* its counter when it was looked at, or when this second began */
	__u64 second; /* rates: begin of this second, ns */
	__u64 quiet;  /* does not act again before this, ns */
};

/* What triggers look at. */
struct trigger_counts {
	__u64 seen, lost, exceptions, gone;
	const struct xdpdrop_reason_stats *row; /* of all reasons that occurred */
	size_t count;
};

/* Fill @trigger from @text. -EINVAL: it is none. */
int trigger_parse(struct trigger *trigger, const char *text);

/* Does it count one reason that has a name? Any number can be counted. */
bool trigger_names_reason(const struct trigger *trigger);

/*
 * Has its condition come true at @now ns? Then it does not again for @holdoff ns. Called for each
 * trigger with all counts.
 */
bool trigger_acts(struct trigger *trigger, const struct trigger_counts *counts, __u64 now,
		  __u64 holdoff);

#endif

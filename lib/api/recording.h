/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * When the flight recorder of a session begins and ends a file, and how the file describes itself.
 */
#ifndef XDPDROP_API_RECORDING_H
#define XDPDROP_API_RECORDING_H

#include "api/marks.h"
#include "api/trigger.h"

struct xdpdrop;

struct recording {
	__u64 span, after, holdoff; /* ns; span 0: frames of any age are kept */
	struct trigger *trigger;
	unsigned int triggers;
	struct marks *marks;	  /* NULL: there is no recorder */
	const char *asked;	  /* atomic; xdpdrop_snapshot() */
	char event[TRIGGER_TEXT]; /* for which the present file began */
	__u64 ends;		  /* of the file, if it is open; ns, the kernel's */
	__u64 next_look;	  /* at counters; ns */
	__u64 next_expiry;	  /* of frames; ns */
	bool over;		  /* the capture has ended by itself */
	bool disarmed;		  /* then what is gone was gone before: */
	__u64 gone;		  /* as triggers count it */
};

/* Take over what the caller has asked for; NULL: no recorder. Logs errors: -EINVAL, -ENOMEM. */
int recording_set(struct xdpdrop *session, const struct xdpdrop_history *asked);

/* The capture is armed: log reasons that no program has. False: there is no recorder. */
bool recording_begin(struct xdpdrop *session);

/* The capture is going to be disarmed: programs that go from now on are no event. */
void recording_disarm(struct xdpdrop *session);

/*
 * All records up to the kernel's time @until were passed on: look at triggers, and begin or end a
 * file. @next: end it in any case. 0 or the output's error.
 */
int recording_tick(struct xdpdrop *session, __u64 until, bool next);

/* After the last record: a file for what has happened at last, or frames are forgotten. */
int recording_end(struct xdpdrop *session);

void recording_free(struct recording *recording);

#endif

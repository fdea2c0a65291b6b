/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Starts captures for a process that will give up its privileges: a child process that keeps them,
 * and can start nothing but xdpdrop-capture on the interfaces that it was given at the start.
 */
#ifndef XDPDROP_STARTER_H
#define XDPDROP_STARTER_H

#include <linux/types.h>
#include <stdbool.h>
#include <sys/types.h>

#include "common/report.h"

#define STARTER_CAPTURES 8 /* at the same time */

/* Fixed before the child starts. Strings must exist until starter_open() has returned. */
struct starter_config {
	const char *ifname; /* names with commas, as for xdpdrop_activate() */
	/* Options of xdpdrop-capture for each capture, ends with NULL. */
	const char *const *options;
	const char *filter; /* NULL: none */
	/* What makes the terminal usable again if the parent is killed, "": nothing. */
	const char *restore;
};

/* What is captured. Names that are too long are refused. */
struct starter_request {
	char ifname[16];
	char program[64]; /* "": any */
	char reason[64];  /* for the name of the file */
	__u32 number;	  /* of the reason */
	bool any_reason;
	bool exceptions; /* instead of frames */
};

struct starter_capture {
	__u32 id; /* 0: none */
	struct starter_request request;
};

struct starter {
	int fd;	   /* -1: there is no child */
	pid_t pid; /* of the child */
	__u32 last;
	struct starter_capture capture[STARTER_CAPTURES]; /* those that run */
};

/* 0 or -errno. */
int starter_open(struct starter *starter, const struct starter_config *config);

/*
 * Start a capture into a new file in the working directory, xdpdrop-IFACE-REASON-TIME.pcapng, or
 * end the one that runs for the same request. Errors: -EBUSY: too many run; -EPIPE: the child has
 * ended; write()'s.
 */
int starter_toggle(struct starter *starter, const struct starter_request *request);

bool starter_is_running(const struct starter *starter, const struct starter_request *request);

/* Report what has happened to captures since the last call. Never waits. */
void starter_tick(struct starter *starter, struct report *report);

/* End all captures, wait for them, and report them. Allowed after a failed starter_open(). */
void starter_close(struct starter *starter, struct report *report);

#endif

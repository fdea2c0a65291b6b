/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What grace.bpf.c and grace.c write to each other, in a map that both have in memory.
 */
#ifndef XDPDROP_TESTENV_GRACE_H
#define XDPDROP_TESTENV_GRACE_H

struct grace {
	unsigned int armed;    /* by grace: the next frame is the one */
	unsigned int running;  /* by the program, which ends once it has done its rounds */
	unsigned int started;  /* by grace, before it waits */
	unsigned int returned; /* by grace, afterwards */
	unsigned int outlived; /* by the program: it ran when the wait was over */
	unsigned int ended;    /* by the program: it has done its rounds since "started" */
};

#endif

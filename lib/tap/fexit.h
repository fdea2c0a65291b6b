/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * An fexit program on one XDP program.
 */
#ifndef XDPDROP_TAP_FEXIT_H
#define XDPDROP_TAP_FEXIT_H

#include "tap/tap.h"

struct xdpdrop_exit_bpf;
struct bpf_link;

struct fexit {
	__u32 program_id;
	unsigned int point;
	__u64 missed_before; /* misses of earlier fexit programs of the capture point */
	struct xdpdrop_exit_bpf *skeleton;
	struct bpf_link *link; /* attached while a process has it open */
};

/*
 * Tracing programs attach only to a program with BTF. 0: program @id has BTF, or no longer exists.
 * -ENOENT: it has no BTF. Other errors: the query failed.
 */
int fexit_check_btf(__u32 id);

/*
 * Attach to @program, and record frames as fexit->point. Frames in fragments are copied to the map
 * @gathered_fd; -1: only their linear part is recorded. Errors are logged, except for -ESTALE: the
 * program is gone. After an error nothing has changed.
 */
int fexit_attach(const struct tap_context *context, struct fexit *fexit,
		 const struct pipeline_program *program, int gathered_fd);

/*
 * Set the verdicts after which the next member runs (see struct pipeline_program), and whether the
 * program is the last member.
 */
void fexit_set_chain(struct fexit *fexit, __u32 chain, bool last);

/* Record frames of context->pipeline's present interfaces. */
void fexit_set_devices(const struct tap_context *context, struct fexit *fexit);

/*
 * The number of times the kernel did not call the capture point's programs because one was already
 * running on the CPU. @known: the last count, returned if the query fails.
 */
__u64 fexit_missed(const struct fexit *fexit, __u64 known);

void fexit_undo(struct fexit *fexit);

/* Add the descriptors to @list. */
void fexit_keep(const struct fexit *fexit, struct fd_list *list);

/* Close the descriptors. The link stays attached until all processes have closed it. */
void fexit_close(struct fexit *fexit);

#endif

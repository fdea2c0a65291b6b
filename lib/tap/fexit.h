/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * One program with our fexit program on it.
 */
#ifndef XDPDROP_TAP_FEXIT_H
#define XDPDROP_TAP_FEXIT_H

#include "tap/tap.h"

struct xdpdrop_exit_bpf;
struct bpf_link;

struct fexit {
	__u32 program_id;
	unsigned int point;
	__u64 missed_before; /* of the capture point, by programs of ours that are gone */
	struct xdpdrop_exit_bpf *skeleton;
	struct bpf_link *link; /* ends with this process, if not before */
};

/*
 * 0: program @id has BTF, without which nobody can attach, or has gone; -ENOENT: it has none.
 * Another error: the kernel cannot be asked.
 */
int fexit_check_btf(__u32 id);

/*
 * Attach to @program, to record as point->capture point. Frames in fragments are put together in
 * the map @gathered_fd; -1: only what is linear of them is seen. Errors are logged, but -ESTALE:
 * the program has gone; then nothing has changed.
 */
int fexit_attach(const struct tap_context *context, struct fexit *fexit,
		 const struct pipeline_program *program, int gathered_fd);

/*
 * The dispatcher goes on after other verdicts than before: see struct pipeline_program. @last: it
 * has no other member behind the program now.
 */
void fexit_set_chain(struct fexit *fexit, __u32 chain, bool last);

/* Record from context->pipeline's interfaces as they are now. */
void fexit_set_devices(const struct tap_context *context, struct fexit *fexit);

/*
 * How often the kernel did not call the capture point's programs because one was running already
 * on that CPU; @known, as counted last, if it cannot be asked.
 */
__u64 fexit_missed(const struct fexit *fexit, __u64 known);

void fexit_undo(struct fexit *fexit);

/* Add the descriptors to @list. */
void fexit_keep(const struct fexit *fexit, struct fd_list *list);

/* Close the descriptors. A link lives as long as one of it is open in any process. */
void fexit_close(struct fexit *fexit);

#endif

/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * One program with our fexit program on it.
 */
#ifndef XDPDROP_LIB_EXIT_H
#define XDPDROP_LIB_EXIT_H

#include "tap.h"

struct xdpdrop_exit_bpf;
struct bpf_link;

struct exit_point {
	__u32 program_id;
	unsigned int site;
	__u64 missed_before; /* of the site, by programs of ours that are gone */
	struct xdpdrop_exit_bpf *skeleton;
	struct bpf_link *link; /* ends with this process, if not before */
};

/* Does program @id have BTF, without which the kernel does not let anybody attach? */
bool exit_has_btf(__u32 id);

/*
 * Attach to @program, to record as point->site. Frames in fragments are put together in the map
 * @gathered_fd; -1: only what is linear of them is seen. Errors are logged; then nothing has
 * changed.
 */
int exit_attach(const struct tap_context *context, struct exit_point *point,
		const struct pipeline_program *program, int gathered_fd);

/* The dispatcher goes on after other verdicts than before: see struct pipeline_program. */
void exit_set_chain(struct exit_point *point, __u32 chain);

/* How often the kernel did not call us because we were running already on that CPU. */
__u64 exit_missed(const struct exit_point *point);

void exit_detach(struct exit_point *point);

#endif

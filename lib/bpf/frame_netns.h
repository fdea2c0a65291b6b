/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Code by which an XDP program finds the network namespace of a frame. An interface index is unique
 * only within a network namespace, which the kernel does not pass to XDP programs.
 */
#ifndef XDPDROP_BPF_FRAME_NETNS_H
#define XDPDROP_BPF_FRAME_NETNS_H

#include <stdbool.h>

struct bpf_program;

/*
 * Does the code work on this kernel? Tested with a frame. Needs Linux 6.2 or later, with BTF.
 * Thread-safe.
 */
bool frame_netns_works(void);

/*
 * Put the code at the mark of an opened capture program (see control.h). Errors: -ENOENT: the
 * program has no mark; -EOPNOTSUPP: frame_netns_works() is false; -ENOMEM; -EBUSY: it is loaded.
 */
int frame_netns_inject(struct bpf_program *program);

#endif

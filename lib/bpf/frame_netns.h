/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * How an XDP program finds the network namespace of a frame, which the kernel does not show to it:
 * numbers of interfaces are unique in one namespace only.
 */
#ifndef XDPDROP_BPF_FRAME_NETNS_H
#define XDPDROP_BPF_FRAME_NETNS_H

#include <stdbool.h>

struct bpf_program;

/*
 * Does this kernel let an XDP program find it? Tried on a frame. Since Linux 6.2, with BTF.
 * Thread-safe.
 */
bool frame_netns_works(void);

/*
 * Let an opened capture program find it at its mark (see control.h). Errors: -ENOENT it has no
 * mark; -EOPNOTSUPP frame_netns_works() says no; -ENOMEM, -EBUSY it is loaded.
 */
int frame_netns_inject(struct bpf_program *program);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Namespaces of our own: interfaces, pins and files of the bench exist in them only and go with
 * them, however it ends.
 */
#ifndef XDPDROP_BENCH_SANDBOX_H
#define XDPDROP_BENCH_SANDBOX_H

#include <linux/types.h>

#define SANDBOX_TMPFS "/run"
#define SANDBOX_BPFFS "/sys/fs/bpf"

/* Enter them. Ends the program, saying why, where the kernel refuses. */
void sandbox_enter(void);

/* Make the veth pair @name and @peer, up; index of the first. */
__u32 sandbox_veth(const char *name, const char *peer);

#endif

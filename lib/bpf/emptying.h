/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * When the kernel empties PROG_ARRAYs that no process has open any more.
 */
#ifndef XDPDROP_BPF_EMPTYING_H
#define XDPDROP_BPF_EMPTYING_H

/*
 * Call @close(@data), which closes PROG_ARRAYs, in a thread. If these were the last descriptors,
 * this returns once the kernel has begun to empty them, or after six seconds: what another
 * process then puts into them stays. Without a thread, memory, or the privilege to open programs by
 * id, nothing is waited for.
 */
void emptying_run(void (*close)(void *data), void *data);

#endif

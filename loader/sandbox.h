/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Limits the system calls of the process that handles frames.
 */
#ifndef XDPDROP_SANDBOX_H
#define XDPDROP_SANDBOX_H

/*
 * From here on, any system call that is not needed to read rings and write files kills this
 * process. Needs no_new_privs. 0 or -errno; -ENOSYS, -EINVAL: the kernel does not support such a
 * filter.
 */
int sandbox_enter(void);

#endif

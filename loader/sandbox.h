/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The system calls that are left to the process that handles bytes.
 */
#ifndef XDPDROP_SANDBOX_H
#define XDPDROP_SANDBOX_H

/*
 * From here on, a call that reading rings and writing files does not take kills this process. Needs
 * no_new_privs. 0 or -errno; -ENOSYS, -EINVAL: the kernel has no such filter.
 */
int sandbox_enter(void);

#endif

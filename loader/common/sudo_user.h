/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The user that has called sudo(8), who is to be able to read what a capture writes.
 */
#ifndef XDPDROP_SUDO_USER_H
#define XDPDROP_SUDO_USER_H

#include <sys/types.h>

/*
 * open() of a new file: @flags have O_CREAT and O_EXCL. Under sudo the file is created as the user
 * that has called it, if that user may create it there; otherwise as root. So no user gets a file
 * in a directory to which only root may write. Returns the descriptor, or -1 and errno.
 */
int sudo_user_create(const char *path, int flags, mode_t mode);

#endif

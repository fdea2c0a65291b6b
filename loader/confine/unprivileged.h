/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The step from a process that has armed a session to one that can do nothing but read it.
 */
#ifndef XDPDROP_LOADER_UNPRIVILEGED_H
#define XDPDROP_LOADER_UNPRIVILEGED_H

#include <xdpdrop/xdpdrop.h>

#include "common/report.h"
#include "confine/privilege.h"
#include "confine/sandbox.h"

/* As privilege_find(), with errors reported. */
int unprivileged_find(struct privilege_user *user, const char *name, struct report *report);

/*
 * @session is armed, and all files are open: leave its control to a process of its own, become
 * @user without privileges, and limit the system calls. @uses: for sandbox_enter(). 0, also if
 * @user keeps its privileges; or -errno, reported.
 */
int unprivileged_become(struct xdpdrop *session, const struct privilege_user *user,
			unsigned int uses, struct report *report);

#endif

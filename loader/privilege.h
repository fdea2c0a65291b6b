/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Giving up what the process may do.
 */
#ifndef XDPDROP_PRIVILEGE_H
#define XDPDROP_PRIVILEGE_H

#include <stdbool.h>
#include <sys/types.h>

struct privilege_user {
	const char *name;
	uid_t uid;
	gid_t gid;
	bool keep;   /* all privileges */
	bool change; /* user and groups */
};

/*
 * Whom to become: @name; NULL: tcpdump, or else nobody, if this is root and may, and else who it
 * is.
 * -ENOENT: there is no such user; others: it could not be looked up.
 */
int privilege_find(struct privilege_user *user, const char *name);

/*
 * Become @user without any capability, with no way back. 0; or -errno, and then the process may
 * be anything between.
 */
int privilege_drop(const struct privilege_user *user);

#endif

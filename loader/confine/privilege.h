/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Drops the privileges of the process.
 */
#ifndef XDPDROP_PRIVILEGE_H
#define XDPDROP_PRIVILEGE_H

#include <stdbool.h>
#include <sys/types.h>

struct privilege_user {
	const char *name;
	uid_t uid;
	gid_t gid;
	bool keep;   /* keep all privileges */
	bool change; /* change user and groups */
};

/*
 * Find the user to become: @name. NULL: tcpdump or else nobody if this process is root and may
 * change its user; otherwise the present user. Errors: -ENOENT: there is no such user; others: the
 * lookup failed.
 */
int privilege_find(struct privilege_user *user, const char *name);

/* Become @user without any capability, irreversibly. 0, or -errno after a partial change. */
int privilege_drop(const struct privilege_user *user);

#endif

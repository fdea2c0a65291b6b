// SPDX-License-Identifier: GPL-2.0-only
/*
 * Joins the library's control process, privilege and sandbox, in this order.
 */
#include "confine/unprivileged.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

int unprivileged_find(struct privilege_user *user, const char *name, struct report *report)
{
	int err = privilege_find(user, name);

	if (err == -ENOENT)
		report_error(report, "option -Z: there is no user '%.64s'", name ? name : "nobody");
	else if (err)
		report_error(report, "cannot look up user '%.64s': %s", name ? name : "nobody",
			     strerror(-err));
	return err;
}

int unprivileged_become(struct xdpdrop *session, const struct privilege_user *user,
			unsigned int uses, struct report *report)
{
	int err;

	if (user->keep)
		return 0;
	err = xdpdrop_delegate(session);
	if (err)
		return err;
	err = privilege_drop(user);
	if (err)
		report_error(report,
			     "cannot become user %s without privileges: %s (-Z root keeps them)",
			     user->name ? user->name : "as before", strerror(-err));
	else if (!user->change && !geteuid())
		report_message(report, XDPDROP_LOG_WARN,
			       "still user root, though without capabilities: CAP_SETUID or "
			       "CAP_SETGID is missing");
	return err ? err : sandbox_enter(uses, report);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Changes the user like tcpdump's -Z, drops all capabilities, and verifies the result.
 */
#include "confine/privilege.h"

#include <cap-ng.h>
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

/* getpwnam(3) may set one of several error numbers for a user that does not exist. */
static int privilege_look_up(struct privilege_user *user, const char *name)
{
	const struct passwd *entry;

	errno = 0;
	entry = getpwnam(name);
	if (!entry && (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == EIO))
		return -errno;
	if (!entry)
		return -ENOENT;
	user->name = name;
	user->uid = entry->pw_uid;
	user->gid = entry->pw_gid;
	return 0;
}

static bool privilege_may_change_user(void)
{
	return !capng_get_caps_process() && capng_have_capability(CAPNG_EFFECTIVE, CAP_SETUID) &&
	       capng_have_capability(CAPNG_EFFECTIVE, CAP_SETGID);
}

int privilege_find(struct privilege_user *user, const char *name)
{
	int err;

	*user = (struct privilege_user){ .change = true };
	if (name && !strcmp(name, "root")) {
		user->keep = true;
		return 0;
	}
	if (name)
		return privilege_look_up(user, name);
	user->change = geteuid() == 0 && privilege_may_change_user();
	if (!user->change)
		return 0;
	err = privilege_look_up(user, "tcpdump");
	return err == -ENOENT ? privilege_look_up(user, "nobody") : err;
}

static int privilege_change_user(const struct privilege_user *user)
{
	if (setgroups(0, NULL) || setresgid(user->gid, user->gid, user->gid) ||
	    setresuid(user->uid, user->uid, user->uid))
		return -errno;
	return 0;
}

/* Emptying the bounding set needs a capability, so it is done first. */
static int privilege_clear_capabilities(capng_select_t select)
{
	capng_get_caps_process();
	capng_clear(select);
	return capng_apply(select) ? -EPERM : 0;
}

static bool privilege_is_dropped(const struct privilege_user *user)
{
	capng_get_caps_process();
	if (capng_have_capabilities(CAPNG_SELECT_CAPS) != CAPNG_NONE)
		return false;
	return !user->change || user->uid == 0 || setresuid(-1, 0, -1);
}

int privilege_drop(const struct privilege_user *user)
{
	int err;

	if (capng_get_caps_process())
		return -ENOSYS;
	if (capng_have_capability(CAPNG_EFFECTIVE, CAP_SETPCAP))
		privilege_clear_capabilities(CAPNG_SELECT_BOUNDS);
	err = user->change ? privilege_change_user(user) : 0;
	err = err ? err : privilege_clear_capabilities(CAPNG_SELECT_CAPS);
	if (!err && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		err = -errno;
	if (!err && !privilege_is_dropped(user))
		err = -EPERM;
	return err;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * The file system's user and group change for one open(), and with the user the capabilities that
 * override permissions.
 */
#include "common/sudo_user.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/securebits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <unistd.h>

#define NO_ID 0xffffffffUL

struct groups {
	gid_t *ids;
	int count;
};

/* A number as sudo writes it, or NO_ID. */
static unsigned long sudo_read_id(const char *variable)
{
	const char *text = secure_getenv(variable);
	unsigned long long id;

	if (!text || !*text || strlen(text) > 10 || text[strspn(text, "0123456789")])
		return NO_ID;
	id = strtoull(text, NULL, 10);
	return id < NO_ID ? id : NO_ID;
}

/* Root's groups would give permissions that the user does not have. */
static bool sudo_leave_groups(struct groups *groups)
{
	groups->count = getgroups(0, NULL);
	groups->ids = calloc(groups->count + 1, sizeof(*groups->ids));
	return groups->ids && getgroups(groups->count, groups->ids) == groups->count &&
	       !setgroups(0, NULL);
}

/* If this fails, root is left with what it may do as root. */
static void sudo_join_groups(struct groups *groups)
{
	if (groups->ids && setgroups(groups->count, groups->ids))
		errno = 0;
	free(groups->ids);
}

/* setfsuid() reports no error; -1 is no user, and changes nothing. */
static bool sudo_become(uid_t uid, gid_t gid)
{
	setfsgid(gid);
	setfsuid(uid);
	return (uid_t)setfsuid(-1) == uid && (gid_t)setfsgid(-1) == gid;
}

static int sudo_create_as(uid_t uid, gid_t gid, const char *path, int flags, mode_t mode)
{
	int dumpable = prctl(PR_GET_DUMPABLE, 0, 0, 0, 0);
	int fd = -1, err = EPERM;

	if (sudo_become(uid, gid)) {
		fd = open(path, flags, mode);
		err = errno;
	}
	sudo_become(geteuid(), getegid());
	/* the kernel clears it with each change of the user */
	if (dumpable == 1)
		prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	errno = err;
	return fd;
}

/* With this bit a process keeps its capabilities, and may create files everywhere. */
static bool sudo_keeps_capabilities(void)
{
	int bits = prctl(PR_GET_SECUREBITS, 0, 0, 0, 0);

	return bits < 0 || bits & SECBIT_NO_SETUID_FIXUP;
}

int sudo_user_create(const char *path, int flags, mode_t mode)
{
	unsigned long uid = sudo_read_id("SUDO_UID"), gid = sudo_read_id("SUDO_GID");
	struct groups groups = { 0 };
	int fd = -1, err = EPERM;

	if (geteuid() || !uid || uid == NO_ID || gid == NO_ID || sudo_keeps_capabilities())
		return open(path, flags, mode);
	if (sudo_leave_groups(&groups)) {
		fd = sudo_create_as(uid, gid, path, flags, mode);
		err = errno;
	}
	sudo_join_groups(&groups);
	errno = err;
	return fd < 0 && err != EEXIST ? open(path, flags, mode) : fd;
}

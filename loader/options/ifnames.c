// SPDX-License-Identifier: GPL-2.0-only
/*
 * Only the form of names is checked: an interface may come later.
 */
#include <ctype.h>
#include <net/if.h>
#include <string.h>

#include "options/ifnames.h"

/* The kernel's rules for names of interfaces; @length bytes at @name. */
static int ifnames_check_one(const char *name, size_t length, struct cmdline_error *error)
{
	if (!length)
		return cmdline_fail(error, "the interface's name is empty");
	if (length >= IFNAMSIZ)
		return cmdline_fail(error, "interface '%.*s': a name has at most %d characters",
				    length < 64 ? (int)length : 64, name, IFNAMSIZ - 1);
	for (size_t i = 0; i < length; i++) {
		if (name[i] == '/' || name[i] == ':' || isspace((unsigned char)name[i]))
			return cmdline_fail(error, "'%.*s' cannot be an interface's name",
					    (int)length, name);
	}
	return 0;
}

/* Is the name of @length bytes at @name also one of those from @names up to there? */
static bool ifnames_are_repeated(const char *names, const char *name, size_t length)
{
	for (; names < name; names += strcspn(names, ",") + 1)
		if (strcspn(names, ",") == length && !memcmp(names, name, length))
			return true;
	return false;
}

int ifnames_check(const char *names, struct cmdline_error *error)
{
	const char *name = names;
	size_t length;
	int err;

	for (;; name += length + 1) {
		length = strcspn(name, ",");
		err = ifnames_check_one(name, length, error);
		if (!err && ifnames_are_repeated(names, name, length) && !if_nametoindex(names))
			return cmdline_fail(error, "interface %.*s is named twice", (int)length,
					    name);
		if (err || !name[length])
			return err;
	}
}

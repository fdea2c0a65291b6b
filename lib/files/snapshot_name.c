// SPDX-License-Identifier: LGPL-2.1-only
/*
 * The event comes from a process that may be in somebody's power: nothing of it can leave the
 * directory.
 */
#include "files/snapshot_name.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define EVENT_MOST 64
#define TIME_FORMAT "%Y%m%d-%H%M%S"
#define TIME_EXAMPLE "00000000-000000"

static bool snapshot_name_may_contain(char c)
{
	return isalnum((unsigned char)c) || (c && strchr("._-", c));
}

static void snapshot_name_clean(const char *event, char *clean)
{
	size_t length = 0;

	for (; *event && length < EVENT_MOST; event++)
		clean[length++] = snapshot_name_may_contain(*event) ? *event : '_';
	clean[length] = '\0';
}

/* Where the extension of the file's name begins. */
static const char *snapshot_name_extension(const char *text)
{
	const char *slash = strrchr(text, '/'), *file = slash ? slash + 1 : text;
	const char *dot = strrchr(file, '.');

	return dot && dot != file ? dot : text + strlen(text);
}

int snapshot_name(const char *text, time_t time, const char *event, unsigned int again, char *name,
		  size_t size)
{
	const char *extension = snapshot_name_extension(text);
	char clean[EVENT_MOST + 1], number[16] = "", when[sizeof(TIME_EXAMPLE) + 16];
	struct tm local;
	int length;

	if (!localtime_r(&time, &local) || !strftime(when, sizeof(when), TIME_FORMAT, &local))
		return -ENAMETOOLONG;
	if (again)
		snprintf(number, sizeof(number), "-%u", again);
	snapshot_name_clean(event, clean);
	length = snprintf(name, size, "%.*s-%s-%s%s%s", (int)(extension - text), text, when, clean,
			  number, extension);
	return length >= 0 && (size_t)length < size ? 0 : -ENAMETOOLONG;
}

static bool snapshot_name_skip_time(const char **name)
{
	for (const char *at = "-" TIME_EXAMPLE "-"; *at; at++, ++*name)
		if (*at == '0' ? !isdigit((unsigned char)**name) : **name != *at)
			return false;
	return true;
}

bool snapshot_name_matches(const char *text, const char *name)
{
	const char *slash = strrchr(text, '/'), *extension = snapshot_name_extension(text);
	const char *file = slash ? slash + 1 : text;
	size_t length = extension - file, rest;

	if (strncmp(name, file, length) != 0)
		return false;
	name += length;
	if (!snapshot_name_skip_time(&name))
		return false;
	rest = strlen(name);
	if (rest <= strlen(extension) || strcmp(name + rest - strlen(extension), extension) != 0)
		return false;
	for (rest -= strlen(extension); rest && snapshot_name_may_contain(*name); rest--)
		name++;
	return !rest;
}

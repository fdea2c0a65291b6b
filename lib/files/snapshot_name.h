/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * The names of files that begin at an event: "drops.pcapng" becomes
 * "drops-20261127-160000-lost.pcapng".
 */
#ifndef XDPDROP_FILES_SNAPSHOT_NAME_H
#define XDPDROP_FILES_SNAPSHOT_NAME_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

/*
 * Write the name of the file for @event at @time to @name of @size bytes. Of @event, at most 64
 * letters, digits, and "._-" are kept; others become "_". @again: so many files of that name exist.
 * 0 or -ENAMETOOLONG.
 */
int snapshot_name(const char *text, time_t time, const char *event, unsigned int again, char *name,
		  size_t size);

/* May file @name, without its directory, be one that snapshot_name() has made of @text? */
bool snapshot_name_matches(const char *text, const char *name);

#endif

/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * A series of files on disk: creates the next one, and deletes the oldest ones so that all of them
 * stay within a limit. Does not write them. Several writers may have files of their own in it, at
 * the same time; the limit is for all.
 */
#ifndef XDPDROP_FILES_SERIES_H
#define XDPDROP_FILES_SERIES_H

#include <limits.h>
#include <linux/types.h>
#include <stdbool.h>
#include <sys/types.h>

#include "files/template.h"

struct series_file {
	char *path;
	__u64 bytes;
	__s64 changed; /* ns since the epoch, when it was written last */
};

/* What one writer has of the series. */
struct series_writer {
	struct template names;
	time_t start;		/* of the present period */
	unsigned int number;	/* of the present file in it */
	char current[PATH_MAX]; /* path of the present file; "": none */
	/* Until series_begun(): */
	bool created;	       /* the present file */
	char before[PATH_MAX]; /* where the old file of that name is; "": there was none */
};

struct series {
	struct series_writer *writer; /* the caller's */
	unsigned int writers;
	bool starting;	   /* what is replaced can still come back */
	bool events;	   /* each file belongs to an event, see files/snapshot_name.h */
	unsigned int ring; /* after so many in a period a writer's first one is replaced; 0: none */
	unsigned int most; /* of all files, the oldest one is deleted first; 0: no limit */
	__u64 max_bytes;   /* of all files; 0: no limit */
	__u64 reserve;	   /* of these, for each file that is being written */
	int (*create)(const char *path, int flags, mode_t mode); /* as open() */
	struct series_file *file; /* earlier files, oldest first; kept only with a limit */
	size_t count;
	__u64 bytes;   /* of these files */
	__u64 deleted; /* files deleted so far, without those that were replaced */
};

/*
 * Find the files of earlier captures, for a limit. Until series_begun() no file is deleted, but on
 * a full disk: an old file that is replaced gets another name. 0 or -ENOMEM.
 */
int series_begin(struct series *series);

/* All writers have their first files: delete what they replaced, and as max_bytes requires. */
void series_begun(struct series *series);

/*
 * Create the first file of the period that begins at @start, or the next one of the present period,
 * of writer number @writer, which exists, with mode 0600. An old regular file of that name is
 * replaced. Old files are deleted first as max_bytes requires. Returns a locked descriptor or
 * -errno: -EBUSY: another process writes it; -EEXIST: it is no regular file. Then writer->current
 * is the name that was tried. -EINVAL: files belong to events.
 */
int series_begin_period(struct series *series, unsigned int writer, time_t start);
int series_next(struct series *series, unsigned int writer);

/*
 * The same for @event at @time, of the first writer. An old file is never replaced: the name gets a
 * number. -EINVAL: no file belongs to an event.
 */
int series_event(struct series *series, time_t time, const char *event);

/*
 * Can files be created in the first writer's directory? 0 or -errno; then its ->current is the
 * directory.
 */
int series_check(struct series *series);

/* Delete the oldest file before the present ones. 0; -ENOENT: there is none. */
int series_delete_oldest(struct series *series);

/*
 * Make room on a full disk: delete the files that were replaced, or with max_bytes the oldest one.
 * 0; -ENOENT: there is none.
 */
int series_free_space(struct series *series);

/* Without series_begun(), the first files are deleted, and those that they replaced come back. */
void series_free(struct series *series);

#endif

/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * The series of files of a session. The process that reads frames opens no files: a child process
 * names, creates and deletes them, so that a slow disk does not hold up the control process
 * either. The session's process can ask it for the next file and for room on the disk, and gets
 * descriptors.
 */
#ifndef XDPDROP_API_FILE_SERIES_H
#define XDPDROP_API_FILE_SERIES_H

#include <limits.h>
#include <pthread.h>

#include "output/sink.h"
#include "process/child.h"
#include "xdpdrop.h"

/* The files of one reader. */
struct file_member {
	struct xdpdrop *session;
	unsigned int reader;
	char *name;		/* that was asked for; owned */
	char current[PATH_MAX]; /* the present file, or the one that could not be created; or "" */
};

struct file_series {
	struct xdpdrop_files asked; /* size 0: there is no series; without names */
	struct child process;
	pthread_mutex_t turn;	    /* of a reader that asks the process; and of the fields below */
	struct file_member *member; /* one for each reader */
	unsigned int count;
	__u64 bytes;   /* a file that is larger than this ends; 0: no limit */
	__u64 deleted; /* files deleted so far for the limit, or on a full disk */
	bool full;     /* a full disk was logged */
	int lost;      /* -errno of a request without an answer, which may come later; or 0 */
};

/*
 * Take over the series that the caller has asked for in @output, for as many readers. It has none:
 * no series. Errors: -EINVAL, -ENOMEM.
 */
int file_series_set(struct xdpdrop *session, const struct xdpdrop_output *output);

/* Have the readers write its files, if there is a series. */
void file_series_attach(struct xdpdrop *session);

/* Start the process, if there is a series. 0 or -errno. */
int file_series_start(struct xdpdrop *session);

/* Can files be created where the series is? 0 or the error that the first file would have. */
int file_series_check(struct xdpdrop *session);

/*
 * All first files have begun, if there is a series: what they replaced is deleted. Without this it
 * comes back at the end of the process. 0 or -errno: the process has not answered.
 */
int file_series_begun(struct xdpdrop *session);

/* Wait for the end of the process, unless it is stopped or its disk does not answer. */
void file_series_stop(struct xdpdrop *session);

void file_series_free(struct file_series *files);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Writes the metrics to a file for a collector of text files. A process of its own replaces the
 * file as a whole: the one that handles frames has no privileges, and does not wait for a disk.
 */
#ifndef XDPDROP_LOADER_METRICS_FILE_H
#define XDPDROP_LOADER_METRICS_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct metrics_file {
	int fd; /* socket to the process, -1: there is none */
	pid_t pid;
	char *text; /* that is being written, until the process has answered, or NULL */
	size_t length, sent;
	char *next; /* the newest, that comes after it, or NULL */
	size_t next_length;
	int error; /* of its last answer, -errno */
};

/* Start the process. 0, or -errno: the directory of @path cannot be opened, or fork()'s. */
int metrics_file_open(struct metrics_file *file, const char *path);

/*
 * Have @text written, which is taken over: after the one before it, and not at all if a newer one
 * comes until then. Never waits. 0, or -EOWNERDEAD: the process has been killed.
 */
int metrics_file_write(struct metrics_file *file, char *text, size_t length);

/* Wait until the last text is written, and end the process. As metrics_file_write(). */
int metrics_file_close(struct metrics_file *file);

#endif

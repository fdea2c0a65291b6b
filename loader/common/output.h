/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The output file of a capture: opens it without hanging, removes it if it stays empty, and keeps
 * an old file's content until the capture runs. Or the sockets that listen in its place.
 */
#ifndef XDPDROP_LOADER_OUTPUT_H
#define XDPDROP_LOADER_OUTPUT_H

#include <stdbool.h>
#include <xdpdrop/xdpdrop.h>

#include "common/tcp_listen.h"

struct output {
	const char *path; /* borrowed */
	int fd;		  /* standard output, or an owned descriptor; -1: there are sockets */
	bool created;	  /* by output_open() */
	bool regular;
	struct tcp_listen listen;
};

/* Why output_open() failed. */
struct output_error {
	const char *why;
	bool misuse; /* an error in the command line, not in the system */
};

/* How output_open() waits for the reader of a FIFO. */
struct output_wait {
	bool (*interrupted)(void);		      /* returns true to stop waiting */
	void (*report)(void *data, const char *path); /* called once, after a second; may be NULL */
	void *data;
};

/*
 * Open @path, or standard output for "-". A new file has mode 0600, and under sudo the user that
 * has called it as owner; an existing one keeps its content until output_begin(). Waits for the
 * reader of a FIFO. Returns 0; -EINTR: interrupted; otherwise -errno with @error filled.
 */
int output_open(struct output *output, const char *path, const struct output_wait *wait,
		struct output_error *error);

/*
 * Lock a regular file until it is closed everywhere: two captures would overwrite each other's
 * frames. 0; -EBUSY: another process has locked it, or had and has removed it, with
 * @error filled.
 */
int output_lock(struct output *output, struct output_error *error);

/* As output_open(), but listen at @word, for which tcp_listen_is(), and wait for nothing. */
int output_listen(struct output *output, const char *word, struct output_error *error);

/* Let @library write to it. */
void output_place(const struct output *output, struct xdpdrop_output *library);

/* All else that may fail has succeeded: truncate the file's old content. 0 or -errno. */
int output_begin(const struct output *output);

/* Is @fd open on the same file, pipe or socket? Always false for devices. */
bool output_is(const struct output *output, int fd);

/* Has the reader of a pipe or socket closed it? */
bool output_abandoned(const struct output *output);

/* Why a capture's output has failed with @err. */
const char *output_explain(int err);

/* Remove the file if output_open() created it and it is empty. */
void output_discard(const struct output *output);

/* Close the file; standard output stays open. 0 or -errno. */
int output_close(struct output *output);

#endif

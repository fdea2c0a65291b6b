/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The output file of a capture: opens it without hanging, removes it if it stays empty, and keeps
 * an old file's content until the capture runs.
 */
#ifndef XDPDROP_OUTPUT_H
#define XDPDROP_OUTPUT_H

#include <stdbool.h>

struct output {
	const char *path; /* borrowed */
	int fd;		  /* standard output, or an owned descriptor */
	bool created;	  /* by output_open() */
	bool regular;
};

/* Why output_open() failed. */
struct output_error {
	const char *why;
	bool misuse; /* an error in the command line, not in the system */
};

/* How output_open() waits for the reader of a FIFO. */
struct output_wait {
	bool (*interrupted)(void);		    /* returns true to stop waiting */
	void (*tell)(void *data, const char *path); /* called once, after a second; may be NULL */
	void *data;
};

/*
 * Open @path, or standard output for "-". A new file has mode 0600; an existing one keeps its
 * content until output_begin(). Waits for the reader of a FIFO. Returns 0; -EINTR: interrupted;
 * otherwise -errno with @error filled.
 */
int output_open(struct output *output, const char *path, const struct output_wait *wait,
		struct output_error *error);

/* The capture runs: truncate the file's old content. 0 or -errno. */
int output_begin(const struct output *output);

/* Is @fd open on the same file, pipe or socket? Always false for devices. */
bool output_is(const struct output *output, int fd);

/* Has the reader of a pipe or socket closed it? */
bool output_abandoned(const struct output *output);

/* Remove the file if output_open() created it and it is empty. */
void output_discard(const struct output *output);

/* Close the file; standard output stays open. 0 or -errno. */
int output_close(struct output *output);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The file that a capture is written to: opening it without hanging, and not leaving an empty one
 * behind or destroying an old one when nothing comes of the capture.
 */
#ifndef XDPDROP_OUTPUT_H
#define XDPDROP_OUTPUT_H

#include <stdbool.h>

struct output {
	const char *path; /* borrowed */
	int fd;		  /* standard output, or owned */
	bool created;	  /* by us */
	bool regular;
};

/* Why output_open() failed, for people. */
struct output_error {
	const char *why;
	bool misuse; /* of the command line; else the system's fault */
};

/* How to wait for the reader of a FIFO. */
struct output_wait {
	bool (*interrupted)(void);		    /* no longer */
	void (*tell)(void *data, const char *path); /* once, after a second; NULL: nobody */
	void *data;
};

/*
 * Open @path, "-" for standard output, with mode 0600 if it does not exist; its old content stays
 * until output_begin(). On a FIFO waits for a reader.
 * Returns 0; -EINTR when interrupted; else -errno with @error filled.
 */
int output_open(struct output *output, const char *path, const struct output_wait *wait,
		struct output_error *error);

/* The capture runs: cut off what an older one left behind the first bytes. 0 or -errno. */
int output_begin(const struct output *output);

/* @fd is open on the same file, pipe or socket, whatever it was called. Of devices: never. */
bool output_is(const struct output *output, int fd);

/* The reader of a pipe or socket has gone. */
bool output_abandoned(const struct output *output);

/* Nothing came of the capture: remove the file if we made it and it is still empty. */
void output_discard(const struct output *output);

/* 0 or -errno. Standard output stays open. */
int output_close(struct output *output);

#endif

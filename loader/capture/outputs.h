/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where a capture writes: one output, or a file for each thread, with the thread's number before
 * the extension.
 */
#ifndef XDPDROP_OUTPUTS_H
#define XDPDROP_OUTPUTS_H

#include "common/output.h"

#define OUTPUTS_MOST 16

struct outputs {
	unsigned int count;
	struct output output[OUTPUTS_MOST];
	int fd[OUTPUTS_MOST];	  /* of several files */
	char *name[OUTPUTS_MOST]; /* of files with numbers; NULL: the only one has its own */
	unsigned int series;	  /* so many of these are of series of files, opened elsewhere */
	char *text;		  /* all these names, for messages */
	unsigned int failed;	  /* number of the one that could not be opened or locked */
};

/*
 * As output_open(), for a file of each of @threads, whose names have numbers unless that is 0. Then
 * an existing file must be a regular one.
 */
int outputs_open(struct outputs *outputs, const char *path, unsigned int threads,
		 const struct output_wait *wait, struct output_error *error);

/* There is one, which is no file. */
void outputs_set(struct outputs *outputs, const struct output *output);

/*
 * The library opens the files. With @threads, @files are a series for each, with names that have
 * numbers and that @outputs owns. 0 or -ENOMEM.
 */
int outputs_set_series(struct outputs *outputs, struct xdpdrop_files *files, unsigned int threads);

/* As the functions of one output; the first error of all. */
int outputs_lock(struct outputs *outputs, struct output_error *error);

/* As output_begin(), and as xdpdrop_begin_output(). */
int outputs_begin(struct outputs *outputs, struct xdpdrop *session);

bool outputs_are(const struct outputs *outputs, int fd);
void outputs_discard(const struct outputs *outputs);
int outputs_close(struct outputs *outputs);

/* Let @library write to them. Owns what that refers to. */
void outputs_place(struct outputs *outputs, struct xdpdrop_output *library);

/* Does each of several threads write some of them? */
bool outputs_have_threads(const struct outputs *outputs);

/* Are they files that have names? */
bool outputs_are_named(const struct outputs *outputs);

/* The name of file @number, or NULL if there are no numbers. */
const char *outputs_name(const struct outputs *outputs, unsigned int number);

/* The name of the file that @session could not write, or else of all that it writes. */
const char *outputs_present(const struct outputs *outputs, const struct xdpdrop *session);

#endif

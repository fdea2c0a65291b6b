/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The command line of xdpdrop-replay: its options, their defaults and which of them exclude each
 * other.
 */
#ifndef XDPDROP_REPLAY_OPTIONS_H
#define XDPDROP_REPLAY_OPTIONS_H

#include <xdpdrop/replay.h>

#include "options/cmdline.h"

extern const struct cmdline_option replay_options_table[];

#define REPLAY_LIST_MAX 64

/* Values of an option that may be repeated; ends with NULL. */
struct replay_list {
	const char *value[REPLAY_LIST_MAX + 1];
	unsigned int count;
};

/* Strings are borrowed from argv. */
struct replay_options {
	struct xdpdrop_replay_opts replay; /* without its lists */
	struct replay_list maps, tails;
	struct xdpdrop_output output; /* all but fd and application */
	const char *input;	      /* "-": standard input */
	const char *file;	      /* of the output; "-": standard output; NULL: none */
	char *const *words;	      /* of the filter, ends with NULL */
	const char *filter_file;
	const char *format;	  /* as written, NULL: by the file's name */
	const char *against;	  /* the other program, or NULL */
	const char *expect;	  /* file of rules, or NULL */
	const char *only_reasons; /* names or numbers, or NULL: all */
	const char *json;
	__u32 queue;  /* of all frames, with queue_given */
	__u32 repeat; /* 0: none */
	__u32 jobs;   /* threads; 0: 1 */
	unsigned int verbose;
	bool queue_given, pad, strict, tap, quiet, help, version;
};

/* As capture_options_parse(). */
int replay_options_parse(int argc, char **argv, struct replay_options *options,
			 struct cmdline_error *error);

/* What --help shows. */
void replay_options_help(FILE *stream);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a command line of xdpdrop-capture asks for. Owns its options, their defaults and which of
 * them exclude each other.
 */
#ifndef XDPDROP_CAPTURE_OPTIONS_H
#define XDPDROP_CAPTURE_OPTIONS_H

#include <xdpdrop/xdpdrop.h>

#include "capture/history_options.h"
#include "options/cmdline.h"
#include "session/await.h"

extern const struct cmdline_option capture_options_table[];

/* Strings are borrowed from argv. */
struct capture_options {
	struct xdpdrop_opts session;
	struct xdpdrop_output output; /* all but fd, files and application */
	struct xdpdrop_files files;   /* without a name: there is no series */
	struct history_options history;
	char *const *words; /* of the filter, ends with NULL */
	const char *filter_file;
	const char *format; /* as written, NULL: by the file's name */
	const char *ifname; /* NULL with list */
	const char *file;   /* "-": standard output; NULL with list; may be with explain */
	const char *netns;  /* NULL: this process's */
	const char *user;   /* to become, NULL: the default one */
	__u64 count;	    /* frames, 0: no limit */
	__u32 threads;	    /* that read; 0: as 1 */
	__u64 duration_ms;  /* 0: no limit */
	__u64 stats_ms;	    /* between two looks at the counters, 0: none */
	const char *json;   /* file or number of a descriptor, NULL: none */
	unsigned int verbose;
	bool quiet, list, explain, dump_filter, help, version;
	bool wait;	 /* for interface and program */
	bool file_named; /* by -w */
};

/*
 * Fill @options from @argv, which is reordered. With help or version set the rest was not looked
 * at. Returns 0, or -EINVAL with @error filled.
 */
int capture_options_parse(int argc, char **argv, struct capture_options *options,
			  struct cmdline_error *error);

/* What they ask to start. */
struct await_start capture_options_start(const struct capture_options *options);

/*
 * Does the name of the file look like a filter? Users of tcpdump, whose file is an option, may
 * have forgotten the file.
 */
bool capture_options_file_forgotten(const struct capture_options *options);

/*
 * May the name of the file, with the words behind it, be a filter instead? Nothing in it marks the
 * name of a file.
 */
bool capture_options_file_is_word(const struct capture_options *options);

/* What --help shows. */
void capture_options_help(FILE *stream);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a command line of xdpdrop-monitor asks for. Owns its options, their defaults and which of
 * them exclude each other.
 */
#ifndef XDPDROP_MONITOR_OPTIONS_H
#define XDPDROP_MONITOR_OPTIONS_H

#include <xdpdrop/xdpdrop.h>

#include "options/cmdline.h"
#include "publish/sflow_send.h"
#include "session/await.h"

extern const struct cmdline_option monitor_options_table[];

/* Strings are borrowed from argv. */
struct monitor_options {
	struct xdpdrop_opts session; /* all but filter and count_only */
	char *const *words;	     /* of the filter, ends with NULL */
	const char *filter_file;
	const char *ifname;
	const char *events; /* file, descriptor, "-"; NULL: none */
	struct sflow_send_options sflow;
	const char *metrics; /* where they are offered, NULL: nowhere */
	const char *netns;   /* NULL: this process's */
	const char *user;    /* to become, NULL: the default one */
	__u64 interval_ms;   /* between two looks at the counters */
	__u64 duration_ms;   /* 0: no limit */
	unsigned int verbose;
	bool no_top; /* on the screen */
	bool lines, json, once, quiet, help, version;
	bool wait; /* for interface and program */
};

/*
 * Fill @options from @argv, which is reordered. With help or version set the rest was not looked
 * at. Returns 0, or -EINVAL with @error filled.
 */
int monitor_options_parse(int argc, char **argv, struct monitor_options *options,
			  struct cmdline_error *error);

/* What they ask to start. */
struct await_start monitor_options_start(const struct monitor_options *options);

/* What --help shows. */
void monitor_options_help(FILE *stream);

#endif

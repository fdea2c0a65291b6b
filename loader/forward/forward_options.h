/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The command line of xdpdrop-forward.
 */
#ifndef XDPDROP_FORWARD_OPTIONS_H
#define XDPDROP_FORWARD_OPTIONS_H

#include <linux/types.h>

#include "options/cmdline.h"

#define FORWARD_PROPERTIES_MAX 64

/* Strings are borrowed from argv. */
struct forward_options {
	const char *brokers, *topic;
	const char *config; /* file of properties, or NULL */
	const char *user;   /* to become; NULL: see privilege_find() */
	struct forward_properties {
		const char *value[FORWARD_PROPERTIES_MAX]; /* NAME=VALUE */
		unsigned int count;
	} properties;
	__u32 queue;	/* events */
	__u64 flush_ms; /* for what is in the queue at the end */
	unsigned int verbose;
	bool quiet, help, version;
};

/* As capture_options_parse(). */
int forward_options_parse(int argc, char **argv, struct forward_options *options,
			  struct cmdline_error *error);

/* What --help shows. */
void forward_options_help(FILE *stream);

#endif

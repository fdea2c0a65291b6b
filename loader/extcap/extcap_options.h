/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What Wireshark asks xdpdrop-extcap for: the options of its extcap interface, and those of a
 * capture, which have the values of the dialog.
 */
#ifndef XDPDROP_EXTCAP_OPTIONS_H
#define XDPDROP_EXTCAP_OPTIONS_H

#include "options/cmdline.h"

/* Strings are borrowed from argv; NULL: not given, or empty. */
struct extcap_options {
	bool interfaces, dlts, config, capture;
	const char *interface; /* as listed */
	const char *wireshark; /* its version */
	const char *reload;    /* name of the only option to list values of */
	const char *filter;
	const char *fifo;
	const char *control_in, *control_out;
	/* of xdpdrop-capture, which checks them */
	const char *tap, *program, *reasons, *verdicts, *snaplen, *sample, *netns;
	bool help, version;
};

/* Returns 0, or -EINVAL with @error filled. */
int extcap_options_parse(int argc, char **argv, struct extcap_options *options,
			 struct cmdline_error *error);

/* What --help shows. */
void extcap_options_help(FILE *stream);

#endif

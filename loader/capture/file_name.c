// SPDX-License-Identifier: GPL-2.0-only
/*
 * libpcap decides, but is asked only about words that it does not look up elsewhere.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "capture/file_name.h"
#include "options/expression.h"

static void file_name_drop_line(void *data, const char *line)
{
	(void)data, (void)line;
}

/* A number is one, too, of a protocol, and a usual name for a file. */
static bool file_name_text_is_filter(struct xdpdrop *session, const char *text)
{
	const struct xdpdrop_opts opts = { .size = sizeof(opts), .filter = text };

	return !isdigit((unsigned char)*text) && expression_is_plain(text) &&
	       !xdpdrop_dump_filter(session, &opts, file_name_drop_line, NULL);
}

/* Is what stands where the file's name belongs, with all that follows it, a filter? */
static bool file_name_is_filter(struct xdpdrop *session, const char *file, const char *rest)
{
	char *text = NULL;
	bool filter = asprintf(&text, rest ? "%s %s" : "%s", file, rest) >= 0 &&
		      file_name_text_is_filter(session, text);

	free(text);
	return filter;
}

static void file_name_refuse(const struct capture_options *options, const char *rest,
			     struct report *report)
{
	const char *blank = rest ? " " : "", *quote = rest ? "'" : "";

	rest = rest ? rest : "";
	report_error(report,
		     "'%s%s%s' is a filter where the file's name belongs; to use the filter, "
		     "type: xdpdrop-capture %s drops.pcapng '%s%s%s'; for a file of that name: "
		     "xdpdrop-capture %s './%s'%s%s%s%s",
		     options->file, blank, rest, options->ifname, options->file, blank, rest,
		     options->ifname, options->file, blank, quote, rest, quote);
}

int file_name_check(struct xdpdrop *session, const struct capture_options *options,
		    struct report *report)
{
	const char *file = options->file;
	bool filter = false;

	if (capture_options_file_is_word(options)) {
		char *rest = expression_join(options->words);

		/* it is no error that it is none */
		xdpdrop_set_log(session, NULL, NULL, XDPDROP_LOG_ERROR);
		filter = file_name_is_filter(session, file, rest);
		xdpdrop_set_log(session, report_log, report, report_level(options->verbose));
		if (filter)
			file_name_refuse(options, rest, report);
		free(rest);
	}
	if (filter)
		return -EINVAL;
	if (capture_options_file_forgotten(options))
		report_message(
			report, XDPDROP_LOG_WARN,
			"'%s' is taken as the name of the file, and all frames are captured; "
			"a filter comes behind it: xdpdrop-capture IFNAME FILE FILTER",
			file);
	return 0;
}

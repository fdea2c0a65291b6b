// SPDX-License-Identifier: GPL-2.0-only
/*
 * The meaning of the options is tcpdump's.
 */
#include <errno.h>
#include <string.h>

#include "capture/file_options.h"
#include "common/tcp_listen.h"

/* The option that asks for a series, NULL: none. */
static const char *file_series_option(const struct xdpdrop_files *files)
{
	if (files->bytes)
		return "-C";
	if (files->seconds)
		return "-G";
	return files->max_bytes ? "--max-bytes" : NULL;
}

int file_options_check(struct capture_options *options, struct cmdline_error *error)
{
	struct xdpdrop_files *files = &options->files;
	const unsigned int threads = options->threads ? options->threads : 1;
	bool history = history_options_ask(&options->history);
	const char *name = history ? "--history" : file_series_option(files), *file = options->file;

	if (!name && files->count)
		return cmdline_fail(error, "option -W: counts the files of -C or -G, which is "
					   "missing");
	if (!name || !file)
		return 0;
	if (!strcmp(file, "-"))
		return cmdline_fail(error, "option %s: standard output is one file; name another",
				    name);
	if (tcp_listen_is(file))
		return cmdline_fail(error, "option %s: clients over TCP get no files", name);
	if (history && history_options_check(&options->history, files,
					     options->session.actions & XDPDROP_EXCEPTIONS, error))
		return -EINVAL;
	files->history = history ? &options->history.history : NULL;
	if (files->max_bytes && files->bytes > files->max_bytes / 2 / threads)
		return cmdline_fail(error,
				    "options -C and --max-bytes: there is no room for two files%s",
				    threads > 1 ? " of each thread" : "");
	files->name = file;
	return 0;
}

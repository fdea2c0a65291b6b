// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>
#include <unistd.h>

#include "capture/thread_options.h"
#include "common/tcp_listen.h"

/* An option for which one thread has to see all frames, NULL: none. */
static const char *thread_options_excluded(const struct capture_options *options)
{
	if (options->count)
		return "-c";
	return history_options_ask(&options->history) ? "--history" : NULL;
}

int thread_options_check(const struct capture_options *options, struct cmdline_error *error)
{
	const char *other, *file = options->file;

	if (options->threads < 2 || !file)
		return 0;
	if (!strcmp(file, "-"))
		return cmdline_fail(error, "option --threads: standard output is one file; name "
					   "another");
	if (tcp_listen_is(file))
		return cmdline_fail(error, "option --threads: clients over TCP get no files");
	other = thread_options_excluded(options);
	return other ? cmdline_fail(error, "options --threads and %s exclude each other", other) :
		       0;
}

unsigned int thread_options_files(const struct capture_options *options, struct report *report)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);

	if (options->threads < 2)
		return 0;
	if (cpus < 1 || options->threads <= cpus)
		return options->threads;
	report_message(report, XDPDROP_LOG_WARN,
		       "option --threads: %ld, not %u, because there %s %ld CPU%s", cpus,
		       options->threads, cpus == 1 ? "is" : "are", cpus, cpus == 1 ? "" : "s");
	return cpus;
}

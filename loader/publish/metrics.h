/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The metrics of a monitor, where its user wants them: over HTTP, or in a file.
 */
#ifndef XDPDROP_LOADER_METRICS_H
#define XDPDROP_LOADER_METRICS_H

#include "common/report.h"
#include "publish/metrics_file.h"
#include "publish/metrics_http.h"

struct metrics {
	const char *where; /* borrowed; NULL: there are none */
	const struct monitor_table *table;
	struct report *report;
	bool to_file;
	struct metrics_file file;
	struct metrics_http http;
	bool announced;
	int failed;   /* last error of the file that was reported, or 0 */
	bool limited; /* it was reported that some reasons have no series */
	bool killed;  /* and that the process that writes the file was killed */
};

/*
 * Offer @table at "PORT", "ADDRESS:PORT", "unix:PATH" or "FILE.prom"; NULL: nowhere. 0, or -errno
 * after a message; -EINVAL: @where is wrong.
 */
int metrics_open(struct metrics *metrics, const char *where, const struct monitor_table *table,
		 struct report *report);

/* Print where they are, and a warning if other machines can read them; once. */
void metrics_announce(struct metrics *metrics, bool quiet);

/* Descriptors to be waited for. */
unsigned int metrics_fds(const struct metrics *metrics, const int **fds);

/* Answer clients, without waiting. */
void metrics_run(struct metrics *metrics);

/* The same for @ms, before there is a session; returns early after a signal. */
void metrics_wait(struct metrics *metrics, int ms);

/* The table has changed. 0, or -EOWNERDEAD after a message. */
int metrics_update(struct metrics *metrics);

/* As metrics_update(), for the last time. */
int metrics_close(struct metrics *metrics);

#endif

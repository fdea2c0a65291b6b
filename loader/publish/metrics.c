// SPDX-License-Identifier: GPL-2.0-only
/*
 * A file that cannot be written is reported once, and tried again: the old one stays.
 */
#include "publish/metrics.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

#include "common/steady.h"
#include "publish/metrics_text.h"

#define EXTENSION ".prom"

static bool metrics_is_file(const char *where)
{
	size_t length = strlen(where), tail = strlen(EXTENSION);

	return length > tail && !strcmp(where + length - tail, EXTENSION);
}

int metrics_open(struct metrics *metrics, const char *where, const struct monitor_table *table,
		 struct report *report)
{
	const char *why;
	int err;

	*metrics =
		(struct metrics){ .where = where, .table = table, .report = report, .file.fd = -1 };
	if (!where)
		return 0;
	metrics->to_file = metrics_is_file(where);
	if (metrics->to_file) {
		err = metrics_file_open(&metrics->file, where);
		why = strerror(-err);
	} else {
		err = metrics_http_open(&metrics->http, where, table, &why);
	}
	if (err)
		report_error(report, "option --metrics: cannot %s '%s': %s",
			     metrics->to_file ? "write" : "listen at", where, why);
	return err;
}

void metrics_announce(struct metrics *metrics, bool quiet)
{
	const struct tcp_listen *listen = &metrics->http.listen;

	if (metrics->announced)
		return;
	metrics->announced = true;
	if (metrics->where && !quiet && listen->name[0][0])
		report_info(metrics->report, "metrics are at http://%s/metrics", listen->name[0]);
	else if (metrics->where && !quiet)
		report_info(metrics->report, "metrics are at %s", metrics->where);
	if (listen->reachable)
		report_message(metrics->report, XDPDROP_LOG_WARN,
			       "any machine that can reach %s can read the metrics",
			       listen->name[0]);
}

unsigned int metrics_fds(const struct metrics *metrics, const int **fds)
{
	*fds = metrics->http.fd;
	return metrics->http.count;
}

void metrics_run(struct metrics *metrics)
{
	metrics_http_run(&metrics->http);
}

void metrics_wait(struct metrics *metrics, int ms)
{
	__u64 now = steady_ms(), end = now + ms;
	struct pollfd list[TCP_LISTEN_MOST];

	for (unsigned int i = 0; i < metrics->http.count; i++)
		list[i] = (struct pollfd){ .fd = metrics->http.fd[i], .events = POLLIN };
	while (now < end && poll(list, metrics->http.count, end - now) >= 0) {
		metrics_run(metrics);
		now = steady_ms();
	}
}

static void metrics_report_limit(struct metrics *metrics)
{
	if (metrics->limited || metrics->table->count <= METRICS_SERIES)
		return;
	metrics->limited = true;
	report_message(
		metrics->report, XDPDROP_LOG_WARN,
		"more than %d reasons: in the metrics, those that come now are one, \"other\"",
		METRICS_SERIES);
}

static void metrics_report_file(struct metrics *metrics)
{
	int err = metrics->file.error;

	if (err == metrics->failed)
		return;
	metrics->failed = err;
	if (err)
		report_message(metrics->report, XDPDROP_LOG_WARN,
			       "cannot write '%s': %s; it is tried again, and the old file stays",
			       metrics->where, strerror(-err));
	else
		report_info(metrics->report, "'%s' is written again", metrics->where);
}

static int metrics_report_killed(struct metrics *metrics)
{
	if (!metrics->killed)
		report_error(metrics->report,
			     "the process that writes '%s' was killed; the monitor ends",
			     metrics->where);
	metrics->killed = true;
	return -EOWNERDEAD;
}

int metrics_update(struct metrics *metrics)
{
	size_t length;
	char *text;
	int err;

	if (!metrics->where)
		return 0;
	metrics_report_limit(metrics);
	if (!metrics->to_file)
		return 0;
	text = metrics_text(metrics->table, &length);
	err = metrics_file_write(&metrics->file, text, length);
	metrics_report_file(metrics);
	return err ? metrics_report_killed(metrics) : 0;
}

int metrics_close(struct metrics *metrics)
{
	int err;

	metrics_http_close(&metrics->http);
	if (metrics->file.fd < 0)
		return 0;
	err = metrics_file_close(&metrics->file);
	if (err == -EOWNERDEAD)
		return metrics_report_killed(metrics);
	if (err)
		report_message(metrics->report, XDPDROP_LOG_WARN,
			       "cannot write '%s': %s; the old file stays", metrics->where,
			       strerror(-err));
	return 0;
}

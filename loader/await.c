// SPDX-License-Identifier: GPL-2.0-only
/*
 * The attempts that fail are not errors: their last message is what the capture waits for.
 */
#include "await.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "progress.h"
#include "signals.h"

#define INTERVAL_MS 500

struct await {
	struct report *report;
	char missing[512];  /* the last attempt's error */
	char reported[512]; /* the error that was reported last */
};

static void await_keep_error(void *data, enum xdpdrop_log_level level, const char *message)
{
	struct await *await = data;

	if (level == XDPDROP_LOG_ERROR)
		snprintf(await->missing, sizeof(await->missing), "%s", message);
	else
		report_log(await->report, level, message);
}

/* An output is not waited for, whose error has no message yet. */
static bool await_is_missing(const struct await *await, int err)
{
	return *await->missing && (err == -ENODEV || err == -ENOENT);
}

static void await_report_missing(struct await *await, bool quiet, struct notify *notify)
{
	if (!strcmp(await->missing, await->reported))
		return;
	strcpy(await->reported, await->missing);
	notify_ready(notify, "waiting: %s", await->missing);
	if (!quiet)
		report_info(await->report, "waiting: %s", await->missing);
}

int await_activate(struct xdpdrop *session, const struct await_start *start, struct report *report,
		   struct notify *notify)
{
	struct await await = { .report = report };
	int err;

	if (!start->wait)
		return xdpdrop_activate(session, start->ifname, start->opts);
	xdpdrop_set_log(session, await_keep_error, &await, report_level(start->verbose));
	for (;;) {
		await.missing[0] = '\0';
		err = xdpdrop_activate(session, start->ifname, start->opts);
		if (!await_is_missing(&await, err))
			break;
		await_report_missing(&await, start->quiet, notify);
		if (signals_ended())
			return -EINTR;
		/* a signal ends it */
		poll(NULL, 0, INTERVAL_MS);
		notify_tick(notify, progress_now_ms());
	}
	xdpdrop_set_log(session, report_log, report, report_level(start->verbose));
	if (err && *await.missing)
		report_error(report, "%s", await.missing);
	return err;
}

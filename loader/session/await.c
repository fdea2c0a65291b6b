// SPDX-License-Identifier: GPL-2.0-only
/*
 * The errors of an attempt that is repeated are no errors: its last message is what the capture
 * waits for. Those of the last attempt are printed, also if it has succeeded without a hook.
 */
#include "session/await.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/signals.h"
#include "common/steady.h"

#define INTERVAL_MS 500
/* A program that is being loaded again is soon there; attempts, and how long after each. */
#define STALE_TRIES 5
#define STALE_MS 100
#define ERRORS 8

struct await {
	const struct await_start *start;
	struct report *report;
	unsigned int tries; /* attempts so far */
	unsigned int stale; /* the last so many met changes by another process */
	unsigned int errors;
	char *error[ERRORS]; /* of the last attempt */
	char reported[512];  /* the error that was reported last */
};

static void await_log(void *data, enum xdpdrop_log_level level, const char *message)
{
	struct await *await = data;
	char *copy = level == XDPDROP_LOG_ERROR && await->errors < ERRORS ? strdup(message) : NULL;

	if (copy)
		await->error[await->errors++] = copy;
	else
		report_log(await->report, level, message);
}

static void await_forget_errors(struct await *await)
{
	while (await->errors)
		free(await->error[--await->errors]);
}

static void await_print_errors(struct await *await)
{
	for (unsigned int i = 0; i < await->errors; i++)
		report_error(await->report, "%s", await->error[i]);
	await_forget_errors(await);
}

static void await_set_log(struct await *await, struct xdpdrop *session)
{
	xdpdrop_set_log(session, await_log, await, report_level(await->start->verbose));
}

/* A session that could not be armed cannot be used again, which -EINVAL may mean. */
static int await_try(struct await *await, struct xdpdrop **session)
{
	const struct await_start *start = await->start;
	bool first = !await->tries++;
	int err;

	await_forget_errors(await);
	err = xdpdrop_activate(*session, start->ifname, start->opts);
	if (err != -EINVAL || first)
		return err;
	await_forget_errors(await);
	err = start->renew(start->data);
	if (err)
		return err;
	await_set_log(await, *session);
	return signals_ended() ? -EINTR : xdpdrop_activate(*session, start->ifname, start->opts);
}

/* An output is not waited for, whose error has no message yet. */
static bool await_is_missing(const struct await *await, int err)
{
	return await->start->wait && await->errors &&
	       (err == -ENODEV || err == -ENOENT || err == -ESTALE);
}

static void await_report_missing(struct await *await, struct notify *notify)
{
	const char *missing = await->error[await->errors - 1];

	if (!strncmp(missing, await->reported, sizeof(await->reported) - 1))
		return;
	snprintf(await->reported, sizeof(await->reported), "%s", missing);
	notify_ready(notify, "waiting: %s", missing);
	if (!await->start->quiet)
		report_info(await->report, "waiting: %s", missing);
}

/* Returns after how many milliseconds to try again; 0: not at all. */
static int await_again(struct await *await, int err, struct notify *notify)
{
	await->stale = err == -ESTALE ? await->stale + 1 : 0;
	if (await->stale && await->stale < STALE_TRIES)
		return STALE_MS;
	if (!await_is_missing(await, err))
		return 0;
	await_report_missing(await, notify);
	return INTERVAL_MS;
}

/* Returns early after a signal. 0, or -errno: nothing more is to be awaited. */
static int await_pause(struct await *await, int wait_ms)
{
	const struct await_start *start = await->start;
	int err = 0;

	if (start->meanwhile)
		err = start->meanwhile(start->data, wait_ms);
	else
		poll(NULL, 0, wait_ms);
	if (err)
		await_forget_errors(await);
	return err;
}

int await_activate(struct xdpdrop **session, const struct await_start *start, struct report *report,
		   struct notify *notify)
{
	struct await await = { .start = start, .report = report };
	int err, wait_ms;

	await_set_log(&await, *session);
	for (;;) {
		err = await_try(&await, session);
		wait_ms = await_again(&await, err, notify);
		if (!wait_ms)
			break;
		if (signals_ended()) {
			await_forget_errors(&await);
			err = -EINTR;
			break;
		}
		err = await_pause(&await, wait_ms);
		if (err)
			break;
		notify_tick(notify, steady_ms());
	}
	xdpdrop_set_log(*session, report_log, report, report_level(start->verbose));
	await_print_errors(&await);
	return err;
}

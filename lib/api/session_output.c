// SPDX-License-Identifier: LGPL-2.1-only
/*
 * The output of a session from xdpdrop_set_output() to its end. Until it begins, nothing that
 * exists is changed.
 */
#include <errno.h>

#include "api/describe.h"
#include "api/drain.h"
#include "api/readers.h"
#include "api/session.h"
#include "api/sized.h"

static int session_take_output(struct xdpdrop *session, const struct xdpdrop_output *output)
{
	int err = file_series_set(session, output);

	err = err ? err : recording_set(session, session->files.asked.history);
	err = err ? err : readers_set(session, output);
	if (!err && !session->reader_count)
		err = sink_set_output(&session->sink, output);
	if (!err)
		file_series_attach(session);
	return err;
}

static void session_forget_output(struct xdpdrop *session)
{
	file_series_set(session, &(struct xdpdrop_output){ 0 });
	recording_set(session, NULL);
	readers_free(session);
	sink_free(&session->sink);
	session->sink.writer = NULL;
	session->output = (struct xdpdrop_output){ 0 };
}

int xdpdrop_set_output(struct xdpdrop *session, const struct xdpdrop_output *output)
{
	struct xdpdrop_output known;
	int err;

	if (session_is_active(session))
		return -EINVAL;
	err = output ? sized_read(&known, sizeof(known), output) : -EINVAL;
	err = err ? err : session_take_output(session, &known);
	/* no half of it, nor of the one before, which would act without the other one */
	if (err)
		session_forget_output(session);
	else
		session->output = known;
	return err;
}

/* A reader of a pipe sees the file before the first drop. */
static int session_open_output(struct xdpdrop *session)
{
	int err = readers_begin_files(session);

	err = err ?: describe_points(session);
	for (unsigned int i = 0; !err && i < readers_count(session); i++)
		err = sink_flush(readers_sink(session, i), false);
	return err ?: file_series_begun(session);
}

int session_begin_output(struct xdpdrop *session)
{
	if (session->begun)
		return session->error;
	session->begun = true;
	session->error = session_open_output(session);
	if (session->error)
		readers_cancel(session);
	return session->error;
}

int xdpdrop_begin_output(struct xdpdrop *session)
{
	LOG_SCOPE(&session->log);

	return session_is_active(session) ? session_begin_output(session) : -EINVAL;
}

void session_finish_output(struct xdpdrop *session)
{
	int err;

	if (!session->begun)
		readers_cancel(session);
	drain_all(session);
	stats_report_invalid(session);
	err = recording_end(session);
	session->error = session->error ?: err;
	err = describe_end(session);
	session->error = session->error ?: err;
	/* that nothing was written is no error where nothing was to be */
	if (session->error == -ECANCELED)
		session->error = 0;
}

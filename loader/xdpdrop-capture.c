// SPDX-License-Identifier: GPL-2.0-only
/*
 * xdpdrop-capture: one capture from the command line to the exit status.
 * Owns the order of steps; what they do is in libxdpdrop, and in the folders of this directory.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xdpdrop/interface.h>
#include <xdpdrop/xdpdrop.h>

#include "capture/capture_options.h"
#include "capture/commands.h"
#include "capture/file_name.h"
#include "capture/outputs.h"
#include "capture/progress.h"
#include "capture/thread_options.h"
#include "common/descriptors.h"
#include "common/hint.h"
#include "common/look.h"
#include "common/refusal.h"
#include "common/report.h"
#include "common/signals.h"
#include "common/steady.h"
#include "common/sudo_user.h"
#include "common/text.h"
#include "confine/unprivileged.h"
#include "options/filter_text.h"
#include "session/new_session.h"
#include "session/notify.h"

#define POLL_MS 250 /* how late a signal's counters or the live counter may be */

/* Also in xdpdrop-capture(8). */
enum status { STATUS_OK, STATUS_FAILED, STATUS_MISUSE, STATUS_MISMATCH };

struct capture {
	struct capture_options options;
	struct report report;
	struct outputs outputs;
	struct progress progress;
	struct notify notify;
	struct commands commands;
	struct privilege_user user; /* to become */
	struct xdpdrop *session;
	char *filter; /* text, NULL: none */
};

/* What was asked for is all on standard output, or it has failed. */
static int capture_flush_stdout(struct report *report)
{
	return report_flush(report) ? STATUS_FAILED : STATUS_OK;
}

/* Of our own making, with tabs. */
static void capture_print_code(void *data, const char *line)
{
	(void)data;
	puts(line);
}

/* What a failed call of the library means. The library has usually said why. */
static int capture_fail(struct capture *capture, int err, const char *what)
{
	const struct capture_options *options = &capture->options;
	/* a pin or a namespace that is missing is no interface */
	bool file = err == -ENOENT && (options->session.hook_pin || what == options->netns);
	const char *hint = file ? NULL : hint_after(err, options->verbose);

	if (!capture->report.errors)
		report_error(&capture->report, "%s: %s", what, strerror(-err));
	else if (hint)
		report_info(&capture->report, "%s", hint);
	return err == -EINVAL ? STATUS_MISUSE : STATUS_FAILED;
}

/* -D and --explain for programs. */
static int capture_look(struct capture *capture)
{
	const struct capture_options *options = &capture->options;
	int err = look_write(options->json, capture->session, options->ifname, &options->session);

	return err < 0 ? capture_fail(capture, err, options->json) : STATUS_OK;
}

static int capture_list(struct capture *capture)
{
	int err = xdpdrop_list(capture->session, text_put_line, NULL);

	if (err < 0)
		return capture_fail(capture, err, "cannot list interfaces");
	return capture_flush_stdout(&capture->report);
}

static int capture_explain(struct capture *capture)
{
	const struct capture_options *options = &capture->options;
	int err = xdpdrop_explain(capture->session, options->ifname, &options->session,
				  text_put_line, NULL);

	fflush(stdout);
	if (err < 0)
		return capture_fail(capture, err, options->ifname);
	return capture_flush_stdout(&capture->report);
}

/* Returns 0 when the time is up, else what ended the capture, -errno. */
static int capture_run(struct capture *capture)
{
	__u64 duration = capture->options.duration_ms;
	__u64 now = steady_ms(), end = duration ? now + duration : ~0ULL;
	int err = 0;

	while (now < end && err >= 0) {
		err = xdpdrop_poll(capture->session, end - now < POLL_MS ? end - now : POLL_MS);
		now = steady_ms();
		if (err >= 0) {
			progress_tick(&capture->progress, now);
			commands_tick(&capture->commands, capture->session, &capture->progress,
				      now);
		}
		notify_tick(&capture->notify, now);
		/* Frames may be rare: do not wait for one to find that nobody wants it. */
		if (err >= 0 && output_abandoned(&capture->outputs.output[0]))
			err = -EPIPE;
	}
	return err < 0 ? err : 0;
}

static int capture_judge_output(struct capture *capture, int err)
{
	if (err == -EPIPE) {
		if (!capture->options.quiet)
			report_info(&capture->report, "the reader has closed the output");
		return STATUS_OK;
	}
	report_error(&capture->report, "cannot write '%s': %s; the capture ends",
		     outputs_present(&capture->outputs, capture->session), output_explain(err));
	return STATUS_FAILED;
}

/* Disarm and drain. @err: what ended the capture, or 0. */
static int capture_stop(struct capture *capture, int err)
{
	unsigned int errors = capture->report.errors;
	int output = xdpdrop_stop(capture->session);

	report_hide_live(&capture->report);
	if (output)
		return capture_judge_output(capture, output);
	switch (err) {
	case 0:
	case -EINTR:
	case -ENODATA:
		/* something could not be undone; the library has said what */
		return capture->report.errors > errors ? STATUS_FAILED : STATUS_OK;
	case -EPIPE:
		return capture_judge_output(capture, err);
	default:
		return capture_fail(capture, err, capture->options.ifname);
	}
}

/* Frames that could not be captured, and sums that do not hold, are no success either. */
static int capture_status_of(int status, const struct xdpdrop_stats *stats)
{
	if (!stats->balanced)
		return STATUS_MISMATCH;
	return stats->refused && status == STATUS_OK ? STATUS_FAILED : status;
}

static int capture_finish(struct capture *capture, int err)
{
	int stopped = capture_stop(capture, err), status;
	struct xdpdrop_stats stats = { .size = sizeof(stats) };

	xdpdrop_get_stats(capture->session, &stats);
	status = capture_status_of(stopped, &stats);
	progress_end(&capture->progress, capture->session, &stats, status);
	if (stats.refused && stopped == STATUS_OK)
		report_error(&capture->report,
			     "%u hook%s could not be captured, for a time or at all: frames may be "
			     "missing (see the messages above)",
			     stats.refused, stats.refused == 1 ? " or program" : "s or programs");
	if (!stats.balanced)
		report_error(&capture->report, "the counters do not add up; please report this");
	return status;
}

static int capture_set_output(struct capture *capture)
{
	const struct capture_options *options = &capture->options;
	struct xdpdrop_output output = options->output;

	outputs_place(&capture->outputs, &output);
	output.files = options->files.name || options->files.thread_names ? &options->files : NULL;
	output.application = "xdpdrop-capture " XDPDROP_VERSION;
	xdpdrop_set_limit(capture->session, options->count);
	return xdpdrop_set_output(capture->session, &output);
}

/* Nothing of the session before it is in the output. */
static int capture_renew_session(void *data)
{
	struct capture *capture = data;
	struct xdpdrop *before = capture->session;
	int err = new_session_after(&capture->session, before, capture->options.verbose,
				    &capture->report);

	err = err ? err : capture_set_output(capture);
	signals_follow(capture->session);
	if (capture->session != before)
		xdpdrop_free(before);
	return err;
}

/* Everything between an open file and a closed one. */
static int capture_frames(struct capture *capture)
{
	const struct capture_options *options = &capture->options;
	struct await_start start = capture_options_start(options);
	struct outputs *outputs = &capture->outputs;
	int err = capture_set_output(capture);

	if (err)
		return capture_fail(capture, err, "cannot set up the output");
	start.renew = capture_renew_session;
	start.data = capture;
	err = await_activate(&capture->session, &start, &capture->report, &capture->notify);
	if (err)
		refusal_report(xdpdrop_verifier_log(capture->session), &capture->report);
	if (err)
		return capture_stop(capture, err);
	err = unprivileged_become(capture->session, &capture->user,
				  (outputs->output[0].listen.count ? SANDBOX_LISTENS : 0) |
					  (outputs_have_threads(outputs) ? SANDBOX_THREADS : 0),
				  &capture->report);
	if (err)
		return capture_finish(capture, err);
	/* the last that can fail: until here, what an earlier capture has left stays */
	err = outputs_begin(outputs, capture->session);
	if (err)
		return capture_stop(capture, err);
	progress_begin(&capture->progress, capture->session);
	report_clients(&capture->report, &outputs->output[0].listen, options->quiet);
	if (!options->quiet)
		report_listening(&capture->report, capture->session, options->ifname,
				 options->session.snaplen,
				 outputs_are_named(outputs) ?
					 outputs_present(outputs, capture->session) :
					 NULL,
				 options->files.history);
	notify_ready(&capture->notify, "capturing on %s", options->ifname);
	return capture_finish(capture, capture_run(capture));
}

static int capture_fail_open(struct capture *capture, const struct output_error *error)
{
	const char *file = capture->options.file;
	const char *name = outputs_name(&capture->outputs, capture->outputs.failed);

	report_error(&capture->report, "cannot %s '%s': %s",
		     tcp_listen_is(file) ? "listen at" : "write", name ? name : file, error->why);
	return error->misuse ? STATUS_MISUSE : STATUS_FAILED;
}

/* Each would overwrite what the other has written. */
static int capture_fail_shared(struct capture *capture)
{
	report_error(&capture->report,
		     "option --json: '%s' is where the frames of '%s' go; name another file",
		     capture->options.json, capture->options.file);
	return STATUS_MISUSE;
}

/* The library opens the files. */
static int capture_set_series(struct capture *capture, struct output_error *error)
{
	struct xdpdrop_files *files = &capture->options.files;
	int err = outputs_set_series(&capture->outputs, files,
				     thread_options_files(&capture->options, &capture->report));

	*error = (struct output_error){ .why = strerror(-err) };
	files->create = sudo_user_create;
	signals_rotate_on_hangup();
	if (files->history)
		signals_snapshot_on_usr2();
	return err;
}

static int capture_open_output(struct capture *capture, struct output_error *error)
{
	const struct output_wait wait = progress_wait(&capture->options, &capture->report);
	struct capture_options *options = &capture->options;
	struct output output = { .fd = -1 };
	int err;

	if (options->files.name)
		return capture_set_series(capture, error);
	if (!tcp_listen_is(options->file))
		return outputs_open(&capture->outputs, options->file,
				    thread_options_files(options, &capture->report), &wait, error);
	err = output_listen(&output, options->file, error);
	if (!err)
		outputs_set(&capture->outputs, &output);
	return err;
}

static int capture_open_commands(struct capture *capture)
{
	const char *path = capture->options.history.commands, *why;
	int err = commands_open(&capture->commands, path, &why);

	if (err)
		report_error(&capture->report, "option --control: cannot open '%s': %s", path, why);
	return err;
}

static int capture_to_file(struct capture *capture)
{
	const char *file = capture->options.file;
	struct output_error error;
	int err, status;

	err = unprivileged_find(&capture->user, capture->options.user, &capture->report);
	if (err)
		return err == -ENOENT ? STATUS_MISUSE : STATUS_FAILED;
	if (file_name_check(capture->session, &capture->options, &capture->report))
		return STATUS_MISUSE;
	if (capture_open_commands(capture))
		return STATUS_MISUSE;
	signals_install(capture->session);
	notify_open(&capture->notify);
	err = capture_open_output(capture, &error);
	if (err) {
		status = err == -EINTR ? STATUS_OK : capture_fail_open(capture, &error);
		outputs_close(&capture->outputs);
		return status;
	}
	/* A counter between the lines of "| tcpdump -r -" would help nobody. */
	capture->report.live =
		!capture->options.quiet && strcmp(file, "-") && isatty(STDERR_FILENO);
	if (outputs_are(&capture->outputs, capture->progress.statistics.fd))
		status = capture_fail_shared(capture);
	else if (outputs_lock(&capture->outputs, &error))
		status = capture_fail_open(capture, &error);
	else
		status = capture_frames(capture);
	outputs_discard(&capture->outputs);
	err = outputs_close(&capture->outputs);
	notify_close(&capture->notify);
	commands_close(&capture->commands);
	if (err && status == STATUS_OK)
		return capture_fail(capture, err, file);
	return status;
}

static int capture_dump_filter(struct capture *capture)
{
	int err = xdpdrop_dump_filter(capture->session, &capture->options.session,
				      capture_print_code, NULL);

	return err < 0 ? capture_fail(capture, err, "filter") :
			 capture_flush_stdout(&capture->report);
}

/* The filter's text is freed with the capture. */
static int capture_take_filter(struct capture *capture)
{
	struct capture_options *options = &capture->options;
	int err = filter_text_take(options->words, options->filter_file, &capture->report,
				   &capture->filter);

	options->session.filter = capture->filter;
	return !err ? STATUS_OK : err == -EINVAL ? STATUS_MISUSE : STATUS_FAILED;
}

static int capture_run_session(struct capture *capture)
{
	int err = new_session(&capture->session, capture->options.netns, capture->options.verbose,
			      &capture->report);
	int status;

	if (err)
		status = capture_fail(capture, err,
				      capture->session ? capture->options.netns : "cannot start");
	else if (capture->options.dump_filter)
		status = capture_dump_filter(capture);
	else if (capture->options.json && (capture->options.list || capture->options.explain))
		status = capture_look(capture);
	else if (capture->options.list)
		status = capture_list(capture);
	else if (capture->options.explain)
		status = capture_explain(capture);
	else
		status = capture_to_file(capture);
	signals_install(NULL);
	xdpdrop_free(capture->session);
	return status;
}

int main(int argc, char **argv)
{
	struct capture capture = { .report = { .stream = stderr, .program = "xdpdrop-capture" } };
	struct cmdline_error error;
	int status, err;

	report_open_standard();
	descriptors_raise_limit();
	if (capture_options_parse(argc, argv, &capture.options, &error)) {
		report_error(&capture.report, "%s", error.text);
		return STATUS_MISUSE;
	}
	if (capture.options.help) {
		capture_options_help(stdout);
		return capture_flush_stdout(&capture.report);
	}
	if (capture.options.version) {
		printf("xdpdrop-capture %s, libxdpdrop %s\n", XDPDROP_VERSION, xdpdrop_version());
		return capture_flush_stdout(&capture.report);
	}
	err = progress_open(&capture.progress, &capture.options, &capture.report);
	if (err)
		return err == -EINVAL ? STATUS_MISUSE : STATUS_FAILED;
	status = capture_take_filter(&capture);
	if (status == STATUS_OK)
		status = capture_run_session(&capture);
	if (progress_close(&capture.progress) && status == STATUS_OK)
		status = STATUS_FAILED;
	free(capture.filter);
	return status;
}

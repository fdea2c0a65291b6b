// SPDX-License-Identifier: GPL-2.0-only
/*
 * xdpdrop-capture: one capture from the command line to the exit status.
 * Owns the order of steps; what they do is in libxdpdrop, capture_options, output, report and
 * signals.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include <xdpdrop/xdpdrop.h>

#include "capture_options.h"
#include "expression.h"
#include "hint.h"
#include "output.h"
#include "privilege.h"
#include "progress.h"
#include "refusal.h"
#include "report.h"
#include "sandbox.h"
#include "signals.h"
#include "text.h"

#define DESCRIPTORS 8192
#define POLL_MS 250 /* how late a signal's counters or the live counter may be */

/* Also in xdpdrop-capture(8). */
enum status { STATUS_OK, STATUS_FAILED, STATUS_MISUSE, STATUS_MISMATCH };

struct capture {
	struct capture_options options;
	struct report report;
	struct output output;
	struct progress progress;
	struct privilege_user user; /* to become */
	struct xdpdrop *session;
	char *filter; /* text, NULL: none */
};

/* Each hook and program takes some, and there may be 256; a limit that cannot be raised stays. */
static void raise_descriptor_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return;
	limit.rlim_cur = limit.rlim_max < DESCRIPTORS ? limit.rlim_max : DESCRIPTORS;
	setrlimit(RLIMIT_NOFILE, &limit);
}

/* What was asked for is all on standard output, or it has failed. */
static int flush_stdout(struct report *report)
{
	return report_flush(report) ? STATUS_FAILED : STATUS_OK;
}

/* Of our own making, with tabs. */
static void print_code(void *data, const char *line)
{
	(void)data;
	puts(line);
}

/* What a failed call of the library means. The library has usually said why. */
static int fail(struct capture *capture, int err, const char *what)
{
	const char *hint = hint_after(err, capture->options.verbose);

	if (!capture->report.errors)
		report_error(&capture->report, "%s: %s", what, strerror(-err));
	else if (hint)
		report_info(&capture->report, "%s", hint);
	return STATUS_FAILED;
}

static int list(struct capture *capture)
{
	int err = xdpdrop_list(capture->session, text_put_line, NULL);

	if (err < 0)
		return fail(capture, err, "cannot list interfaces");
	return flush_stdout(&capture->report);
}

static int explain(struct capture *capture)
{
	const struct capture_options *options = &capture->options;
	int err = xdpdrop_explain(capture->session, options->ifname, &options->session,
				  text_put_line, NULL);

	fflush(stdout);
	if (err < 0)
		return fail(capture, err, options->ifname);
	return flush_stdout(&capture->report);
}

/* Returns 0 when the time is up, else what ended the capture, -errno. */
static int run(struct capture *capture)
{
	__u64 duration = capture->options.duration_ms;
	__u64 now = progress_now_ms(), end = duration ? now + duration : ~0ULL;
	int err = 0;

	while (now < end && err >= 0) {
		err = xdpdrop_poll(capture->session, end - now < POLL_MS ? end - now : POLL_MS);
		now = progress_now_ms();
		if (err >= 0)
			progress_tick(&capture->progress, now);
		/* Frames may be rare: do not wait for one to find that nobody wants it. */
		if (err >= 0 && output_abandoned(&capture->output))
			err = -EPIPE;
	}
	return err < 0 ? err : 0;
}

static int judge_output(struct capture *capture, int err)
{
	const char *why = err == -ETIMEDOUT ? "its reader has stopped reading" : strerror(-err);

	if (err == -EPIPE) {
		if (!capture->options.quiet)
			report_info(&capture->report, "the reader has closed the output");
		return STATUS_OK;
	}
	report_error(&capture->report, "cannot write '%s': %s; the capture ends",
		     capture->options.file, why);
	return STATUS_FAILED;
}

/* Disarm and drain. @err: what ended the capture, or 0. */
static int stop(struct capture *capture, int err)
{
	unsigned int errors = capture->report.errors;
	int output = xdpdrop_stop(capture->session);

	report_hide_live(&capture->report);
	if (output)
		return judge_output(capture, output);
	switch (err) {
	case 0:
	case -EINTR:
	case -ENODATA:
		/* something could not be undone; the library has said what */
		return capture->report.errors > errors ? STATUS_FAILED : STATUS_OK;
	case -EPIPE:
		return judge_output(capture, err);
	default:
		return fail(capture, err, capture->options.ifname);
	}
}

static int finish(struct capture *capture, int err)
{
	int status = stop(capture, err);
	struct xdpdrop_stats stats = { .size = sizeof(stats) };

	xdpdrop_get_stats(capture->session, &stats);
	progress_end(&capture->progress, capture->session, &stats);
	if (stats.refused && status == STATUS_OK) {
		report_error(&capture->report,
			     "%u hook%s could not be captured, for a time or at all: frames may be "
			     "missing (see the messages above)",
			     stats.refused, stats.refused == 1 ? " or program" : "s or programs");
		status = STATUS_FAILED;
	}
	if (stats.balanced)
		return status;
	report_error(&capture->report, "the counters do not add up; please report this");
	return STATUS_MISMATCH;
}

/* A kernel, or a container, may be without. */
static int enter_sandbox(struct capture *capture)
{
	int err = sandbox_enter();

	if (!err)
		return 0;
	if (err != -ENOSYS && err != -EINVAL) {
		report_error(&capture->report, "cannot limit the system calls: %s", strerror(-err));
		return err;
	}
	report_message(&capture->report, XDPDROP_LOG_WARN,
		       "this kernel has no seccomp: the system calls of the process that handles "
		       "frames are not limited");
	return 0;
}

/* Armed, and the file open: from here on nothing needs privileges. */
static int give_up_privileges(struct capture *capture)
{
	const struct privilege_user *user = &capture->user;
	int err;

	if (user->keep)
		return 0;
	err = xdpdrop_delegate(capture->session);
	if (err)
		return err;
	err = privilege_drop(user);
	if (err)
		report_error(&capture->report,
			     "cannot become user %s without privileges: %s (-Z root keeps them)",
			     user->name ? user->name : "as before", strerror(-err));
	else if (!user->change && !geteuid())
		report_message(&capture->report, XDPDROP_LOG_WARN,
			       "still user root, though without capabilities: CAP_SETUID or "
			       "CAP_SETGID is missing");
	return err ? err : enter_sandbox(capture);
}

/* Too long for a terminal, and gone with the session. */
static void save_refusal(struct capture *capture)
{
	const char *text = xdpdrop_verifier_log(capture->session);
	char path[REFUSAL_PATH_SIZE];
	int err = text ? refusal_save(text, path, sizeof(path)) : 0;

	if (err)
		report_error(&capture->report, "cannot save the verifier's log as %s: %s", path,
			     strerror(-err));
	else if (text)
		report_error(&capture->report,
			     "the kernel's verifier refused a program; its log "
			     "is in %s",
			     path);
}

/* Everything between an open file and a closed one. */
static int capture_frames(struct capture *capture)
{
	const struct capture_options *options = &capture->options;
	struct xdpdrop_output output = options->output;
	int err;

	output.fd = capture->output.fd;
	output.application = "xdpdrop-capture " XDPDROP_VERSION;
	err = xdpdrop_set_output(capture->session, &output);
	if (err)
		return fail(capture, err, "cannot set up the output");
	xdpdrop_set_limit(capture->session, options->count);
	err = xdpdrop_activate(capture->session, options->ifname, &options->session);
	if (err)
		save_refusal(capture);
	if (err)
		return stop(capture, err);
	err = output_begin(&capture->output);
	err = err ? err : give_up_privileges(capture);
	if (err)
		return finish(capture, err);
	progress_begin(&capture->progress, capture->session);
	if (!options->quiet)
		report_listening(&capture->report, capture->session, options->ifname,
				 options->session.snaplen);
	return finish(capture, run(capture));
}

static int fail_open(struct capture *capture, const struct output_error *error)
{
	report_error(&capture->report, "cannot write '%s': %s", capture->options.file, error->why);
	return error->misuse ? STATUS_MISUSE : STATUS_FAILED;
}

/* Each would overwrite what the other has written. */
static int fail_shared(struct capture *capture)
{
	report_error(&capture->report,
		     "option --json: '%s' is where the frames of '%s' go; name another file",
		     capture->options.json, capture->options.file);
	return STATUS_MISUSE;
}

static int fail_user(struct capture *capture, int err)
{
	const char *name = capture->options.user ? capture->options.user : "nobody";

	if (err == -ENOENT) {
		report_error(&capture->report, "option -Z: there is no user '%.64s'", name);
		return STATUS_MISUSE;
	}
	report_error(&capture->report, "cannot look up user '%.64s': %s", name, strerror(-err));
	return STATUS_FAILED;
}

static void warn_of_name(struct capture *capture)
{
	if (capture_options_file_forgotten(&capture->options))
		report_message(
			&capture->report, XDPDROP_LOG_WARN,
			"'%s' is taken as the name of the file, and all frames are captured; "
			"a filter comes behind it: xdpdrop-capture IFNAME FILE FILTER",
			capture->options.file);
}

static int capture_to_file(struct capture *capture)
{
	const struct output_wait wait = progress_wait(&capture->options, &capture->report);
	const char *file = capture->options.file;
	struct output_error error;
	int err, status;

	err = privilege_find(&capture->user, capture->options.user);
	if (err)
		return fail_user(capture, err);
	signals_install(capture->session);
	warn_of_name(capture);
	err = output_open(&capture->output, file, &wait, &error);
	if (err == -EINTR)
		return STATUS_OK;
	if (err)
		return fail_open(capture, &error);
	/* A counter between the lines of "| tcpdump -r -" would help nobody. */
	capture->report.live =
		!capture->options.quiet && strcmp(file, "-") && isatty(STDERR_FILENO);
	if (output_is(&capture->output, capture->progress.statistics.fd))
		status = fail_shared(capture);
	else
		status = capture_frames(capture);
	output_discard(&capture->output);
	err = output_close(&capture->output);
	if (err && status == STATUS_OK)
		return fail(capture, err, file);
	return status;
}

static int dump_filter(struct capture *capture)
{
	int err =
		xdpdrop_dump_filter(capture->session, &capture->options.session, print_code, NULL);

	return err < 0 ? fail(capture, err, "filter") : flush_stdout(&capture->report);
}

/* The filter's text, which is freed with the capture. */
static int read_filter(struct capture *capture)
{
	struct capture_options *options = &capture->options;
	const char *wrong;

	if (options->filter_file)
		capture->filter = expression_read(options->filter_file, &wrong);
	else if (options->words)
		capture->filter = expression_join(options->words);
	options->session.filter = capture->filter;
	if (!options->filter_file || capture->filter)
		return STATUS_OK;
	report_error(&capture->report, "cannot read the filter from %s: %s", options->filter_file,
		     wrong);
	return STATUS_FAILED;
}

static int run_session(struct capture *capture)
{
	int err = xdpdrop_new(&capture->session);
	int status;

	if (err)
		return fail(capture, err, "cannot start");
	xdpdrop_set_log(capture->session, report_log, &capture->report,
			report_level(capture->options.verbose));
	xdpdrop_set_hints(capture->session, hint_complete, NULL);
	if (capture->options.netns)
		err = xdpdrop_set_netns(capture->session, capture->options.netns);
	if (err)
		status = fail(capture, err, capture->options.netns);
	else if (capture->options.list)
		status = list(capture);
	else if (capture->options.dump_filter)
		status = dump_filter(capture);
	else if (capture->options.explain)
		status = explain(capture);
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
	raise_descriptor_limit();
	if (capture_options_parse(argc, argv, &capture.options, &error)) {
		report_error(&capture.report, "%s", error.text);
		return STATUS_MISUSE;
	}
	if (capture.options.help) {
		capture_options_help(stdout);
		return flush_stdout(&capture.report);
	}
	if (capture.options.version) {
		printf("xdpdrop-capture %s, libxdpdrop %s\n", XDPDROP_VERSION, xdpdrop_version());
		return flush_stdout(&capture.report);
	}
	err = progress_open(&capture.progress, &capture.options, &capture.report);
	if (err)
		return err == -EINVAL ? STATUS_MISUSE : STATUS_FAILED;
	status = read_filter(&capture);
	if (status == STATUS_OK)
		status = run_session(&capture);
	if (progress_close(&capture.progress) && status == STATUS_OK)
		status = STATUS_FAILED;
	free(capture.filter);
	return status;
}

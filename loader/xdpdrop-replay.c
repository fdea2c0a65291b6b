// SPDX-License-Identifier: GPL-2.0-only
/*
 * xdpdrop-replay: one replay from the command line to the exit status. Owns the order of steps.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/hint.h"
#include "common/look.h"
#include "common/output.h"
#include "common/refusal.h"
#include "common/signals.h"
#include "options/filter_text.h"
#include "replay/replay_files.h"
#include "replay/replay_jobs.h"
#include "replay/replay_run.h"

/* Also in xdpdrop-replay(8). With --against and --expect, 1 is an answer and 2 any trouble. */
enum status { STATUS_OK, STATUS_FAILED, STATUS_MISUSE };
#define STATUS_DIFFERENT STATUS_FAILED
#define STATUS_TROUBLE STATUS_MISUSE

struct replay {
	struct replay_options options;
	struct report report;
	struct output output;
	struct xdpdrop *session;
	struct replay_run run;
	struct replay_reader reader;
	struct replay_expect expect;
	struct replay_count count;
	char *filter; /* text, or NULL */
};

static bool replay_is_test(const struct replay *replay)
{
	return replay->options.against || replay->options.expect;
}

static int replay_failed(const struct replay *replay)
{
	return replay_is_test(replay) ? STATUS_TROUBLE : STATUS_FAILED;
}

/* The library or a part of the tool has usually reported why. */
static int replay_fail(struct replay *replay, int err, const char *what)
{
	if (!replay->report.errors)
		report_error(&replay->report, "%s: %s", what, strerror(-err));
	return err == -EINVAL ? STATUS_MISUSE : replay_failed(replay);
}

static void replay_print_copied(void *data, const char *line)
{
	report_info(data, "%s", line);
}

static int replay_open_program(struct replay *replay, const char *name,
			       struct xdpdrop_replay **program)
{
	struct xdpdrop_replay_opts opts = replay->options.replay;
	int err;

	opts.program = name;
	if (!replay->options.quiet)
		opts.copied = replay_print_copied;
	opts.copied_data = &replay->report;
	/* a pcap file has no queues */
	opts.one_queue =
		replay->options.queue_given ? !replay->options.queue : !replay->reader.pcapng;
	if (replay_is_test(replay))
		opts.actions = ALL_VERDICTS;
	err = xdpdrop_replay_open(replay->session, &opts, program);
	if (err)
		refusal_report(xdpdrop_verifier_log(replay->session), &replay->report);
	return err ? replay_fail(replay, err, name) : STATUS_OK;
}

static int replay_open_programs(struct replay *replay)
{
	const char *other = replay->options.against;
	int status = replay_open_program(replay, replay->options.replay.program,
					 &replay->run.lane.program);

	if (status == STATUS_OK && other)
		status = replay_open_program(replay, other, &replay->run.lane.other);
	return status;
}

/* --reason: each name is one of the program's. */
static int replay_choose_reasons(struct replay *replay)
{
	struct replay_run *run = &replay->run;
	const char *list = replay->options.only_reasons;
	char *copy = list ? strdup(list) : NULL, *rest = copy, *name;
	int status = STATUS_OK;

	while (status == STATUS_OK && (name = strsep(&rest, ","))) {
		if (run->reason_count < XDPDROP_MAX_REASONS &&
		    xdpdrop_replay_find_reason(run->lane.program, name,
					       &run->reasons[run->reason_count])) {
			run->reason_count++;
			continue;
		}
		report_error(&replay->report, "option --reason: %s '%.64s'",
			     run->reason_count == XDPDROP_MAX_REASONS ? "too many reasons with" :
									"the program has no reason",
			     name);
		status = STATUS_MISUSE;
	}
	free(copy);
	return status;
}

static int replay_make_filter(struct replay *replay)
{
	const struct replay_options *options = &replay->options;
	int err = filter_text_take(options->words, options->filter_file, &replay->report,
				   &replay->filter);

	if (err)
		return replay_failed(replay);
	if (!replay->filter)
		return STATUS_OK;
	err = xdpdrop_filter_new(replay->session, replay->filter, &replay->run.filter);
	return err ? replay_fail(replay, err, "filter") : STATUS_OK;
}

/* What is written would destroy what is there. */
static int replay_check_files(struct replay *replay, int output)
{
	return replay_files_check(&replay->options, replay->reader.input.fd, output,
				  &replay->report) ?
		       STATUS_OK :
		       STATUS_MISUSE;
}

static int replay_open_output(struct replay *replay)
{
	const struct output_wait wait = { .interrupted = signals_ended,
					  .report = report_waiting,
					  .data = &replay->report };
	struct xdpdrop_output output = replay->options.output;
	struct output_error error;
	int status, err;

	if (!replay->options.file)
		return replay_check_files(replay, -1);
	err = output_open(&replay->output, replay->options.file, &wait, &error);
	if (err == -EINTR)
		return replay_failed(replay);
	if (err) {
		report_error(&replay->report, "cannot write '%s': %s", replay->options.file,
			     error.why);
		return error.misuse ? STATUS_MISUSE : replay_failed(replay);
	}
	replay->run.writes = true;
	status = replay_check_files(replay, replay->output.fd);
	if (status != STATUS_OK)
		return status;
	output.fd = replay->output.fd;
	output.application = "xdpdrop-replay " XDPDROP_VERSION;
	err = output_begin(&replay->output);
	err = err ? err : xdpdrop_set_output(replay->session, &output);
	err = err ? err : xdpdrop_replay_begin(replay->session);
	return err ? replay_fail(replay, err, replay->options.file) : STATUS_OK;
}

static int replay_judge_output(struct replay *replay, int err)
{
	if (err == -EPIPE) {
		if (!replay->options.quiet)
			report_info(&replay->report, "the reader has closed the output");
		return replay_is_test(replay) ? STATUS_TROUBLE : STATUS_OK;
	}
	report_error(&replay->report, "cannot write '%s': %s", replay->options.file,
		     strerror(-err));
	return replay_failed(replay);
}

/* What ended the frames. */
static int replay_judge(struct replay *replay, int err)
{
	if (replay->run.output)
		return replay_judge_output(replay, err);
	if (err == -EINTR) {
		report_message(&replay->report, XDPDROP_LOG_WARN,
			       "interrupted: not all frames were run");
		return replay_is_test(replay) ? STATUS_TROUBLE : STATUS_OK;
	}
	if (err && replay->reader.why[0])
		report_error(&replay->report, "cannot read '%s': %s", replay->options.input,
			     replay->reader.why);
	return err ? replay_fail(replay, err, replay->options.replay.program) : STATUS_OK;
}

static int replay_put_json(struct replay *replay)
{
	const char *json = replay->options.json;
	FILE *stream = json ? look_open(json) : NULL;
	int err;

	if (!json)
		return STATUS_OK;
	if (stream)
		replay_count_json(stream, &replay->count, replay->options.against);
	err = stream ? look_close(stream) : -errno;
	if (!err)
		return STATUS_OK;
	report_error(&replay->report, "cannot write '%s': %s", json, strerror(-err));
	return replay_failed(replay);
}

/* Time does not replay, and more; who asks for more gets it in words. */
static void replay_explain_limits(struct replay *replay)
{
	const struct xdpdrop_point *program = xdpdrop_replay_program(replay->run.lane.program);

	if (!replay->options.verbose)
		return;
	report_info(&replay->report, "running %s (id %u) as of %s, on %s", program->program,
		    program->program_id, program->ifname,
		    replay->options.jobs > 1 ? "several CPUs" : "one CPU");
	report_info(&replay->report,
		    "what is not as it was: the time (bpf_ktime), the CPUs, tags and checksums "
		    "that network cards take away; redirects and transmissions are not carried "
		    "out");
}

/* Rules hold for no frame of a link type without Ethernet headers. */
static bool replay_nothing_was_run(const struct replay *replay)
{
	const struct replay_count *count = &replay->count;

	return count->frames && !count->run &&
	       (!replay->run.expect || count->skipped[REPLAY_LINK_TYPE] == count->frames);
}

static int replay_finish(struct replay *replay, int status)
{
	int err = xdpdrop_replay_end(replay->session), other;

	if (err && status == STATUS_OK)
		status = replay_judge_output(replay, err);
	if (!replay->options.quiet && !replay->options.tap)
		replay_count_print(stderr, &replay->count, replay->options.against);
	other = replay_put_json(replay);
	status = status == STATUS_OK ? other : status;
	if (replay_nothing_was_run(replay) && status == STATUS_OK) {
		report_error(&replay->report, "none of the frames of '%s' could be run",
			     replay->options.input);
		status = replay_failed(replay);
	}
	if (replay->run.expect &&
	    !replay_expect_finish(&replay->expect, replay->options.strict, replay->options.tap,
				  &replay->report) &&
	    status == STATUS_OK)
		status = STATUS_DIFFERENT;
	if (replay->count.changed && status == STATUS_OK)
		status = STATUS_DIFFERENT;
	return report_flush(&replay->report) && status == STATUS_OK ? replay_failed(replay) :
								      status;
}

static int replay_run_frames(struct replay *replay)
{
	struct replay_run *run = &replay->run;
	const char *rules = replay->options.expect;
	unsigned int jobs = replay->options.jobs;
	int status, err;

	err = replay_reader_open(&replay->reader, replay->options.input);
	if (err) {
		report_error(&replay->report, "cannot read '%s': %s", replay->options.input,
			     replay->reader.why);
		return replay_failed(replay);
	}
	status = replay_make_filter(replay);
	status = status == STATUS_OK ? replay_open_programs(replay) : status;
	status = status == STATUS_OK ? replay_choose_reasons(replay) : status;
	if (status != STATUS_OK)
		return status;
	if (rules) {
		run->expect = &replay->expect;
		if (replay_expect_read(run->expect, rules, replay->session, run->lane.program,
				       &replay->report))
			return STATUS_TROUBLE;
	}
	status = replay_open_output(replay);
	if (status != STATUS_OK)
		return status;
	replay_explain_limits(replay);
	err = jobs > 1 ? replay_jobs_run(run, jobs) : replay_run(run);
	return replay_finish(replay, replay_judge(replay, err));
}

static void replay_set_up_run(struct replay *replay)
{
	__u32 given = replay->options.replay.actions;

	replay->run.options = &replay->options;
	replay->run.lane.options = &replay->options;
	replay->run.report = &replay->report;
	replay->run.reader = &replay->reader;
	replay->run.count = &replay->count;
	replay->run.actions = given ? given : 1U << 0 | 1U << 1;
	if (!given && replay->options.against)
		replay->run.actions = ALL_VERDICTS;
}

static int replay_run_session(struct replay *replay)
{
	int status, err = xdpdrop_new(&replay->session);

	if (err)
		return replay_fail(replay, err, "cannot start");
	xdpdrop_set_log(replay->session, report_log, &replay->report,
			report_level(replay->options.verbose));
	xdpdrop_set_hints(replay->session, hint_complete, NULL);
	signals_install(replay->session);
	replay_set_up_run(replay);
	status = replay_run_frames(replay);
	signals_install(NULL);
	replay_lane_free(&replay->run.lane);
	xdpdrop_filter_free(replay->run.filter);
	replay_expect_free(&replay->expect);
	xdpdrop_free(replay->session);
	replay_reader_close(&replay->reader);
	if (replay->run.writes) {
		output_discard(&replay->output);
		err = output_close(&replay->output);
	}
	free(replay->filter);
	return err && status == STATUS_OK ? replay_fail(replay, err, replay->options.file) : status;
}

int main(int argc, char **argv)
{
	static struct replay replay = { .report = { .program = "xdpdrop-replay" } };
	struct cmdline_error error;

	replay.report.stream = stderr;
	report_open_standard();
	if (replay_options_parse(argc, argv, &replay.options, &error)) {
		report_error(&replay.report, "%s", error.text);
		return STATUS_MISUSE;
	}
	if (replay.options.help) {
		replay_options_help(stdout);
		return report_flush(&replay.report) ? STATUS_FAILED : STATUS_OK;
	}
	if (replay.options.version) {
		printf("xdpdrop-replay %s, libxdpdrop %s\n", XDPDROP_VERSION, xdpdrop_version());
		return report_flush(&replay.report) ? STATUS_FAILED : STATUS_OK;
	}
	return replay_run_session(&replay);
}

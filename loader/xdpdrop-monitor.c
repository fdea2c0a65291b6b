// SPDX-License-Identifier: GPL-2.0-only
/*
 * xdpdrop-monitor: counts what XDP programs drop, from the command line to the exit status. Owns
 * the order of steps; what is shown is in monitor_table, how in the views.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/descriptors.h"
#include "common/hint.h"
#include "common/refusal.h"
#include "common/signals.h"
#include "common/steady.h"
#include "common/totals.h"
#include "confine/unprivileged.h"
#include "count/monitor_samples.h"
#include "monitor/monitor_options.h"
#include "monitor/monitor_outputs.h"
#include "monitor/monitor_screen.h"
#include "options/filter_text.h"
#include "publish/metrics.h"
#include "publish/monitor_json.h"
#include "publish/monitor_lines.h"
#include "session/new_session.h"
#include "session/notify.h"

#define MS_NS 1000000ULL
/* How late changes of interfaces and signals may be noticed; with records, rings are read. */
#define COUNTING_MS 250
#define SAMPLING_MS 20

/* Also in xdpdrop-monitor(8). */
enum status { STATUS_OK, STATUS_FAILED, STATUS_MISUSE, STATUS_MISMATCH };

struct monitor {
	struct monitor_options options;
	struct report report;
	struct monitor_table table;
	struct monitor_view view;
	struct monitor_samples samples;
	struct monitor_outputs outputs;
	struct monitor_screen screen;
	struct metrics metrics;
	struct notify notify;
	struct privilege_user user; /* to become */
	struct xdpdrop *session;
	bool unwritten; /* standard output could not be written */
	char *filter;	/* text, NULL: none */
};

/* What a failed call means. The library has usually said why. */
static int monitor_fail(struct monitor *monitor, int err, const char *what)
{
	const struct monitor_options *options = &monitor->options;
	/* a pin or a namespace that is missing is no interface */
	bool file = err == -ENOENT && (options->session.hook_pin || what == options->netns);
	const char *hint = file ? NULL : hint_after(err, options->verbose);

	if (!monitor->report.errors)
		report_error(&monitor->report, "%s: %s", what, strerror(-err));
	else if (hint)
		report_info(&monitor->report, "%s", hint);
	return err == -EINVAL ? STATUS_MISUSE : STATUS_FAILED;
}

static int monitor_fail_output(struct monitor *monitor, int err)
{
	report_error(&monitor->report, "cannot write to standard output: %s", strerror(-err));
	return STATUS_FAILED;
}

/* Of the view, and of the metrics. Returns how many there are. */
static unsigned int monitor_list_fds(const struct monitor *monitor, struct pollfd *list)
{
	const int *fds;
	unsigned int count = metrics_fds(&monitor->metrics, &fds);

	list[0] = (struct pollfd){ .fd = monitor->view.fd, .events = POLLIN };
	for (unsigned int i = 0; i < count; i++)
		list[1 + i] = (struct pollfd){ .fd = fds[i], .events = POLLIN };
	return 1 + count;
}

/* Wait for what happens, at most @wait_ms. 0, or -errno: what ends the monitor. */
static int monitor_wait(struct monitor *monitor, __u64 wait_ms)
{
	__u64 most = monitor->samples.count ? SAMPLING_MS : COUNTING_MS;
	struct pollfd list[1 + TCP_LISTEN_MOST];
	unsigned int count = monitor_list_fds(monitor, list);
	int ready = poll(list, count, wait_ms < most ? wait_ms : most);
	int err = xdpdrop_poll(monitor->session, 0);

	metrics_run(&monitor->metrics);
	if (err >= 0 && monitor->view.input && (ready < 0 || list[0].revents))
		err = monitor->view.input(monitor->view.data, &monitor->table);
	return err < 0 ? err : 0;
}

static int monitor_end_interval(struct monitor *monitor, __u64 now)
{
	int err = monitor_table_update(&monitor->table, monitor->session, now);

	monitor_outputs_count(&monitor->outputs, &monitor->table.sent);
	err = err ? err : metrics_update(&monitor->metrics);
	if (err)
		return err;
	err = monitor->view.update(monitor->view.data, &monitor->table);
	monitor->unwritten = err;
	return err;
}

static void monitor_answer_signal(struct monitor *monitor)
{
	struct xdpdrop_stats stats = { .size = sizeof(stats) };

	if (!signals_take_usr1())
		return;
	xdpdrop_get_stats(monitor->session, &stats);
	report_counters(&monitor->report, &stats);
	totals_print(monitor->report.stream, monitor->session);
}

/* The time of the next interval's end after @now: one that came too late is left out. */
static __u64 monitor_next(__u64 next, __u64 interval, __u64 now)
{
	next += interval;
	return next > now ? next : now + interval;
}

/* Returns 0 when the time is up, else what ended the monitor, -errno. */
static int monitor_run(struct monitor *monitor)
{
	const struct monitor_options *options = &monitor->options;
	__u64 interval = options->interval_ms * MS_NS, now = steady_ns();
	__u64 end = options->duration_ms ? now + options->duration_ms * MS_NS : ~0ULL;
	__u64 next = now + interval;
	int err = monitor_table_update(&monitor->table, monitor->session, now);

	while (!err && now < end) {
		__u64 until = next < end ? next : end;

		err = monitor_wait(monitor, (until - now + MS_NS - 1) / MS_NS);
		err = err ? err : monitor_outputs_tick(&monitor->outputs);
		now = steady_ns();
		notify_tick(&monitor->notify, now / MS_NS);
		monitor_answer_signal(monitor);
		if (err || now < next)
			continue;
		err = monitor_end_interval(monitor, now);
		if (options->once)
			break;
		next = monitor_next(next, interval, now);
	}
	/* what is left of the duration is an interval, too */
	if (!err && !options->once && monitor->table.now_ns < end)
		err = monitor_end_interval(monitor, now);
	return err;
}

/* What the end of the run means. @err: what ended it, or 0. */
static int monitor_judge(struct monitor *monitor, int err, unsigned int errors)
{
	switch (err) {
	case 0:
	case -EINTR:
		/* something could not be undone; the library has said what */
		return monitor->report.errors > errors ? STATUS_FAILED : STATUS_OK;
	case -EPIPE:
		if (!monitor->options.quiet)
			report_info(&monitor->report, "the reader has closed the output");
		return STATUS_OK;
	default:
		return monitor->unwritten ? monitor_fail_output(monitor, err) :
					    monitor_fail(monitor, err, monitor->options.ifname);
	}
}

static void monitor_summarize(struct monitor *monitor)
{
	const __u32 drops = 1U << 0 | 1U << 1; /* XDP_ABORTED, XDP_DROP */

	if (monitor->options.quiet)
		return;
	report_counted(&monitor->report, &monitor->table.stats,
		       !(monitor->options.session.actions & ~drops));
	totals_print(monitor->report.stream, monitor->session);
	monitor_outputs_print(monitor->report.stream, &monitor->options, &monitor->table.sent);
}

/* Disarm, and show the totals. @err: what ended the run, or 0. */
static int monitor_finish(struct monitor *monitor, int err)
{
	unsigned int errors = monitor->report.errors;
	int stopped = xdpdrop_stop(monitor->session), shown;
	struct xdpdrop_stats stats = { .size = sizeof(stats) };
	int closed = monitor_outputs_close(&monitor->outputs);
	int status = monitor_judge(monitor, err ? err : stopped, errors);

	xdpdrop_get_stats(monitor->session, &stats);
	if (!stats.balanced)
		status = STATUS_MISMATCH;
	else if ((stats.refused || closed) && status == STATUS_OK)
		status = STATUS_FAILED;
	monitor_outputs_count(&monitor->outputs, &monitor->table.sent);
	monitor_table_finish(&monitor->table, monitor->session, status);
	metrics_update(&monitor->metrics);
	shown = monitor->view.end(monitor->view.data, &monitor->table);
	if (shown && shown != -EPIPE && status == STATUS_OK)
		status = monitor_fail_output(monitor, shown);
	monitor_summarize(monitor);
	if (stats.refused)
		report_error(&monitor->report,
			     "%u hook%s could not be monitored, for a time or at all: frames may "
			     "be missing (see the messages above)",
			     stats.refused, stats.refused == 1 ? " or program" : "s or programs");
	if (!stats.balanced)
		report_error(&monitor->report, "the counters do not add up; please report this");
	return status;
}

/* How frames are sampled needs someone who takes the samples. */
static int monitor_check_sampling(struct monitor *monitor)
{
	const struct monitor_options *options = &monitor->options;
	bool screen = monitor_screen_is_wanted(options) && !options->no_top;

	if (options->events || options->sflow.collector || screen ||
	    !(options->session.sample || options->session.rate))
		return STATUS_OK;
	report_error(&monitor->report,
		     "option %s: no frames are sampled, they are only counted; samples need "
		     "--events, --sflow or the screen with its top talkers",
		     options->session.sample ? "--sample" : "--rate");
	return STATUS_MISUSE;
}

static int monitor_choose_view(struct monitor *monitor)
{
	const char *events = monitor->options.events;

	monitor->table.ifname = monitor->options.ifname;
	if (!(events && events_to_stdout(events)) && monitor_screen_is_wanted(&monitor->options))
		return monitor_screen_open(&monitor->screen, &monitor->options, &monitor->samples,
					   &monitor->view, &monitor->report);
	if (events && events_to_stdout(events))
		monitor_silent_view(&monitor->view);
	else if (monitor->options.json)
		monitor_json_view(&monitor->view);
	else if (monitor->options.metrics && !monitor->options.lines && !isatty(STDOUT_FILENO))
		monitor_silent_view(&monitor->view);
	else
		monitor_lines_view(&monitor->view);
	return 0;
}

/* Everything between an armed session and a stopped one. */
static int monitor_count(struct monitor *monitor)
{
	const struct monitor_options *options = &monitor->options;
	int err = monitor->view.begin(monitor->view.data, &monitor->table);

	err = err ? err :
		    unprivileged_become(monitor->session, &monitor->user,
					(monitor->screen.open ? SANDBOX_DRAWS : 0) |
						(options->metrics ? SANDBOX_HTTP : 0),
					&monitor->report);
	if (err)
		return monitor_finish(monitor, err);
	if (!options->quiet)
		report_counting(&monitor->report, monitor->session, options->ifname,
				monitor->samples.count ? (options->session.sample ?: 1) : 0);
	metrics_announce(&monitor->metrics, options->quiet);
	notify_ready(&monitor->notify, "monitoring %s", options->ifname);
	return monitor_finish(monitor, monitor_run(monitor));
}

/* The outputs and the handler of samples are known. */
static void monitor_set_up(struct monitor *monitor)
{
	monitor_outputs_follow(&monitor->outputs, monitor->session);
	if (monitor->samples.count)
		xdpdrop_set_handler(monitor->session, monitor_sample, &monitor->samples);
}

static int monitor_renew_session(void *data)
{
	struct monitor *monitor = data;
	struct xdpdrop *before = monitor->session;
	int err = new_session_after(&monitor->session, before, monitor->options.verbose,
				    &monitor->report);

	monitor_set_up(monitor);
	signals_follow(monitor->session);
	if (monitor->session != before)
		xdpdrop_free(before);
	return err;
}

/* Prometheus takes no answer for a dead target. */
static int monitor_meanwhile(void *data, int ms)
{
	struct monitor *monitor = data;
	int err;

	metrics_announce(&monitor->metrics, monitor->options.quiet);
	err = metrics_update(&monitor->metrics);
	if (!err)
		metrics_wait(&monitor->metrics, ms);
	return err;
}

static int monitor_start(struct monitor *monitor)
{
	struct await_start start;
	int err;

	err = unprivileged_find(&monitor->user, monitor->options.user, &monitor->report);
	if (err)
		return err == -ENOENT ? STATUS_MISUSE : STATUS_FAILED;
	err = metrics_open(&monitor->metrics, monitor->options.metrics, &monitor->table,
			   &monitor->report);
	if (err)
		return err == -EINVAL ? STATUS_MISUSE : STATUS_FAILED;
	if (monitor_choose_view(monitor))
		return STATUS_FAILED;
	signals_install(monitor->session);
	err = monitor_outputs_open(&monitor->outputs, &monitor->options, &monitor->samples,
				   &monitor->report);
	if (err) {
		monitor_outputs_close(&monitor->outputs);
		return err == -EINTR ? STATUS_OK : err == -EINVAL ? STATUS_MISUSE : STATUS_FAILED;
	}
	monitor->options.session.count_only = !monitor->samples.count;
	monitor_set_up(monitor);
	start = monitor_options_start(&monitor->options);
	start.renew = monitor_renew_session;
	start.meanwhile = monitor_meanwhile;
	start.data = monitor;
	err = await_activate(&monitor->session, &start, &monitor->report, &monitor->notify);
	if (!err)
		return monitor_count(monitor);
	monitor_outputs_close(&monitor->outputs);
	refusal_report(xdpdrop_verifier_log(monitor->session), &monitor->report);
	return err == -EINTR ? STATUS_OK : monitor_fail(monitor, err, monitor->options.ifname);
}

/* The filter's text is freed with the monitor. */
static int monitor_take_filter(struct monitor *monitor)
{
	struct monitor_options *options = &monitor->options;
	int err = filter_text_take(options->words, options->filter_file, &monitor->report,
				   &monitor->filter);

	options->session.filter = monitor->filter;
	return !err ? STATUS_OK : err == -EINVAL ? STATUS_MISUSE : STATUS_FAILED;
}

static int monitor_session(struct monitor *monitor)
{
	int err = new_session(&monitor->session, monitor->options.netns, monitor->options.verbose,
			      &monitor->report);
	int status;

	if (!monitor->session)
		return monitor_fail(monitor, err, "cannot start");
	notify_open(&monitor->notify);
	status = err ? monitor_fail(monitor, err, monitor->options.netns) : monitor_start(monitor);
	if (metrics_close(&monitor->metrics) && status == STATUS_OK)
		status = STATUS_FAILED;
	notify_close(&monitor->notify);
	monitor_screen_close(&monitor->screen);
	signals_install(NULL);
	monitor_table_free(&monitor->table);
	xdpdrop_free(monitor->session);
	return status;
}

int main(int argc, char **argv)
{
	struct monitor monitor = { .report = { .stream = stderr, .program = "xdpdrop-monitor" },
				   .metrics.file.fd = -1 };
	struct cmdline_error error;
	int status;

	report_open_standard();
	descriptors_raise_limit();
	if (monitor_options_parse(argc, argv, &monitor.options, &error)) {
		report_error(&monitor.report, "%s", error.text);
		return STATUS_MISUSE;
	}
	if (monitor.options.help)
		monitor_options_help(stdout);
	if (monitor.options.version)
		printf("xdpdrop-monitor %s, libxdpdrop %s\n", XDPDROP_VERSION, xdpdrop_version());
	if (monitor.options.help || monitor.options.version)
		return report_flush(&monitor.report) ? STATUS_FAILED : STATUS_OK;
	status = monitor_check_sampling(&monitor);
	if (status == STATUS_OK)
		status = monitor_take_filter(&monitor);
	if (status == STATUS_OK)
		status = monitor_session(&monitor);
	free(monitor.filter);
	return status;
}

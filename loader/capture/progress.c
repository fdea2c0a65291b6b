// SPDX-License-Identifier: GPL-2.0-only
/*
 * Passes the session's counters to report, totals and statistics.
 */
#include <errno.h>
#include <string.h>

#include "capture/progress.h"
#include "common/signals.h"
#include "common/steady.h"
#include "common/totals.h"

#define JSON_MS 1000 /* interval between objects without --stats */

struct output_wait progress_wait(const struct capture_options *options, struct report *report)
{
	return (struct output_wait){
		.interrupted = signals_ended,
		.report = options->quiet ? NULL : report_waiting,
		.data = report,
	};
}

int progress_open(struct progress *progress, const struct capture_options *options,
		  struct report *report)
{
	const char *where = options->ifname && !options->explain ? options->json : NULL;
	const struct output_wait wait = progress_wait(options, report);
	const char *why;
	int err;

	*progress = (struct progress){ .options = options, .report = report };
	err = statistics_open(&progress->statistics, where, &wait, &why);
	if (err)
		report_error(report, "cannot write statistics to '%s': %s", where, why);
	return err;
}

static void progress_get_stats(struct xdpdrop *session, struct xdpdrop_stats *stats)
{
	*stats = (struct xdpdrop_stats){ .size = sizeof(*stats) };
	xdpdrop_get_stats(session, stats);
}

/* Numbers of reasons to look at; usual enums begin at 1. */
#define REASONS 64

static bool progress_has_reasons(const struct xdpdrop *session)
{
	for (unsigned int i = 0; i < xdpdrop_point_count(session); i++)
		for (__u32 reason = 1; reason < REASONS; reason++)
			if (xdpdrop_reason_name(session, i, reason))
				return true;
	return false;
}

/* What a pcap file does not record: sampling, limits, reasons. */
static void progress_warn_of_pcap(struct progress *progress, const struct xdpdrop *session)
{
	const struct xdpdrop_opts *opts = &progress->options->session;

	if (progress->options->output.format != XDPDROP_PCAP)
		return;
	if (opts->sample > 1 || opts->rate || opts->reason_rate || opts->max_overhead)
		report_message(progress->report, XDPDROP_LOG_WARN,
			       "not every frame is captured, which a pcap file does not record; "
			       "use -F pcapng, or keep these messages");
	if (!progress->options->quiet && progress_has_reasons(session))
		report_message(progress->report, XDPDROP_LOG_WARN,
			       "a pcap file has no reasons; for them use -F pcapng, or a name "
			       "that ends in .pcapng");
}

void progress_begin(struct progress *progress, struct xdpdrop *session)
{
	struct statistics *statistics = &progress->statistics;
	__u64 now = steady_ms();

	progress->session = session;
	progress_warn_of_pcap(progress, session);
	progress_get_stats(session, &progress->before);
	progress->before_ms = now;
	statistics_begin(statistics, progress->options->ifname, progress->options->file, now);
	statistics_write(statistics, "start", session, &progress->before, now);
}

static __u64 progress_interval_ms(const struct capture_options *options)
{
	if (options->stats_ms)
		return options->stats_ms;
	return options->json ? JSON_MS : 0;
}

static void progress_end_interval(struct progress *progress, const struct xdpdrop_stats *stats,
				  __u64 now)
{
	if (progress->options->stats_ms && !progress->options->quiet) {
		report_interval(progress->report, stats, &progress->before,
				now - progress->statistics.start_ms, now - progress->before_ms);
		totals_report_top(&progress->totals, progress->report, progress->session,
				  now - progress->before_ms);
	}
	statistics_write(&progress->statistics, "interval", progress->session, stats, now);
	progress->before = *stats;
	progress->before_ms = now;
}

static void progress_answer_signal(struct progress *progress, const struct xdpdrop_stats *stats,
				   __u64 now)
{
	report_counters(progress->report, stats);
	totals_print(progress->report->stream, progress->session);
	statistics_write(&progress->statistics, "signal", progress->session, stats, now);
}

void progress_answer(struct progress *progress, const char *type, __u64 now)
{
	struct xdpdrop_stats stats;

	progress_get_stats(progress->session, &stats);
	report_counters(progress->report, &stats);
	statistics_write(&progress->statistics, type, progress->session, &stats, now);
}

/* Without a history, files follow each other, which is no news. */
static void progress_report_file(struct progress *progress)
{
	const struct xdpdrop_files *files = &progress->options->files;
	const char *name = files->history ? xdpdrop_file_name(progress->session) : NULL;

	if (!name || progress->options->quiet || !strcmp(name, progress->file) ||
	    !strcmp(name, files->name))
		return;
	snprintf(progress->file, sizeof(progress->file), "%s", name);
	report_info(progress->report, "writing %s", name);
}

void progress_tick(struct progress *progress, __u64 now)
{
	__u64 interval = progress_interval_ms(progress->options);
	bool due = interval && now - progress->before_ms >= interval;
	bool asked = signals_take_usr1();
	struct xdpdrop_stats stats;

	statistics_flush(&progress->statistics);
	progress_report_file(progress);
	if (!asked && !due && !progress->report->live)
		return;
	progress_get_stats(progress->session, &stats);
	if (asked)
		progress_answer_signal(progress, &stats, now);
	if (due)
		progress_end_interval(progress, &stats, now);
	report_live(progress->report, &stats, now);
}

/* Aborted frames are dropped frames. */
static bool progress_captures_only_drops(const struct capture_options *options)
{
	const __u32 drops = 1U << 0 | 1U << 1; /* XDP_ABORTED, XDP_DROP */

	return !(options->session.actions & ~drops);
}

void progress_end(struct progress *progress, struct xdpdrop *session,
		  const struct xdpdrop_stats *stats, int status)
{
	progress->statistics.status = status;
	if (progress->session)
		statistics_write(&progress->statistics, "final", session, stats, steady_ms());
	if (progress->options->quiet)
		return;
	if (progress->session)
		progress_report_file(progress);
	report_summary(progress->report, stats, progress_captures_only_drops(progress->options));
	totals_print(progress->report->stream, session);
}

int progress_close(struct progress *progress)
{
	const char *why;
	int err = statistics_close(&progress->statistics, &why);

	totals_free(&progress->totals);
	if (err)
		report_error(progress->report,
			     "cannot write statistics to '%s': %s; they are incomplete",
			     progress->options->json, why);
	return err;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Opens, drives and closes the outputs together.
 */
#include "monitor/monitor_outputs.h"

#include <errno.h>
#include <inttypes.h>

#include "common/signals.h"

static int monitor_open_events(struct monitor_outputs *outputs,
			       const struct monitor_options *options, struct report *report)
{
	const struct output_wait wait = { .interrupted = signals_ended,
					  .report = report_waiting,
					  .data = report };
	const char *why = NULL;
	int err = events_open(&outputs->events, options->events, &wait, &why);

	if (err && err != -EINTR)
		report_error(report, "cannot write events to '%.200s': %s", options->events, why);
	return err;
}

static int monitor_open_sflow(struct monitor_outputs *outputs,
			      const struct monitor_options *options, struct report *report)
{
	struct sflow_send_options sflow = options->sflow;
	const char *why = NULL;
	int err;

	sflow.netns = options->netns;
	err = sflow_send_open(&outputs->sflow, &sflow, &why);
	if (err)
		report_error(report, "cannot send sFlow to '%.200s': %s", sflow.collector, why);
	return err;
}

int monitor_outputs_open(struct monitor_outputs *outputs, const struct monitor_options *options,
			 struct monitor_samples *samples, struct report *report)
{
	int err;

	outputs->sflow = (struct sflow_send){ .fd = -1, .counters = -1 };
	err = monitor_open_events(outputs, options, report);
	err = err ? err : monitor_open_sflow(outputs, options, report);
	if (err)
		return err;
	outputs->events.report = outputs->sflow.report = report;
	if (options->events)
		monitor_samples_add(samples, events_take, &outputs->events);
	if (options->sflow.collector)
		monitor_samples_add(samples, sflow_send_take, &outputs->sflow);
	return 0;
}

void monitor_outputs_follow(struct monitor_outputs *outputs, struct xdpdrop *session)
{
	outputs->events.session = outputs->sflow.session = session;
}

int monitor_outputs_tick(struct monitor_outputs *outputs)
{
	sflow_send_flush(&outputs->sflow);
	return events_flush(&outputs->events);
}

int monitor_outputs_close(struct monitor_outputs *outputs)
{
	sflow_send_flush(&outputs->sflow);
	sflow_send_close(&outputs->sflow);
	return events_close(&outputs->events);
}

void monitor_outputs_count(const struct monitor_outputs *outputs, struct monitor_sent *sent)
{
	*sent = (struct monitor_sent){ .events_written = outputs->events.written,
				       .events_lost = outputs->events.lost,
				       .sflow_sent = outputs->sflow.sent,
				       .sflow_over_budget = outputs->sflow.over_budget,
				       .sflow_failed = outputs->sflow.failed };
}

static void monitor_print_unless_zero(FILE *stream, __u64 count, const char *what)
{
	if (count)
		fprintf(stream, "%" PRIu64 " sample%s %s\n", (uint64_t)count, count == 1 ? "" : "s",
			what);
}

void monitor_outputs_print(FILE *stream, const struct monitor_options *options,
			   const struct monitor_sent *sent)
{
	if (options->events)
		fprintf(stream, "%" PRIu64 " event%s written\n", (uint64_t)sent->events_written,
			sent->events_written == 1 ? "" : "s");
	if (sent->events_lost)
		fprintf(stream,
			"%" PRIu64 " event%s lost: the reader was slow, or a write failed\n",
			(uint64_t)sent->events_lost, sent->events_lost == 1 ? "" : "s");
	if (options->sflow.collector)
		fprintf(stream, "%" PRIu64 " sample%s sent to %s\n", (uint64_t)sent->sflow_sent,
			sent->sflow_sent == 1 ? "" : "s", options->sflow.collector);
	monitor_print_unless_zero(stream, sent->sflow_over_budget,
				  "not sent: over the budget of --sflow-rate");
	monitor_print_unless_zero(stream, sent->sflow_failed, "that the collector did not receive");
	fflush(stream);
}

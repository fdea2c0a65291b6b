// SPDX-License-Identifier: GPL-2.0-only
/*
 * The options of xdpdrop-monitor: the table, and what has to hold between them.
 */
#include <errno.h>
#include <string.h>

#include "monitor/monitor_options.h"
#include "options/common_options.h"
#include "options/filter_text.h"
#include "options/ifnames.h"
#include "options/session_options.h"
#include "publish/events.h"

#define FIELD(name) .field = offsetof(struct monitor_options, name)
#define SECOND_MS 1000ULL
#define DAY_MS (24 * 3600 * SECOND_MS)
#define YEAR_MS (366 * DAY_MS)
/* Of sampled frames: bytes, one in so many for sFlow, and the most a second on each CPU. */
#define SNAPLEN 256
#define SFLOW_SAMPLE 400
#define RATE 1000

const struct cmdline_option monitor_options_table[] = {
	{ 'i', "interval", "SECONDS", "look at the counters so often (default 1)", cmdline_seconds,
	  FIELD(interval_ms), .min = 100, .max = DAY_MS },
	{ 'd', "duration", "SECONDS", "end after this time, for example 10 or 0.5", cmdline_seconds,
	  FIELD(duration_ms), .min = 1, .max = YEAR_MS },
	{ 0, "once", NULL, "print one interval, and end", cmdline_flag, FIELD(once) },
	{ 0, "lines", NULL,
	  "plain lines, which is the default where standard\n"
	  "output is no terminal",
	  cmdline_flag, FIELD(lines) },
	{ 0, "no-top", NULL,
	  "no top sources, destinations and ports on the\n"
	  "screen: frames are only counted",
	  cmdline_flag, FIELD(no_top) },
	{ 0, "json", NULL, "JSON on standard output, one object for each interval", cmdline_flag,
	  FIELD(json) },
	{ 0, "metrics", "[ADDR:]PORT|unix:PATH|FILE.prom",
	  "metrics for Prometheus: over HTTP, at a socket, or in\n"
	  "a file that is replaced after each interval",
	  cmdline_string, FIELD(metrics) },
	COMMON_TAP_OPTIONS("count"),
	{ 0, "netns", "NAME|PID|PATH",
	  "interfaces of this network namespace: of ip-netns(8),\n"
	  "of a process, or a file",
	  cmdline_string, FIELD(netns) },
	COMMON_PROGRAM_OPTIONS("count"),
	{ 0, "wait", NULL, "wait until there is an interface with a program", cmdline_flag,
	  FIELD(wait) },
	COMMON_FILTER_FILE_OPTION,
	COMMON_NO_OPTIMIZE_OPTION,
	COMMON_REASON_OPTIONS("count"),
	COMMON_REASONS_OPTION(session.reasons),
	{ 0, "events", "FILE|FD|-", "a line of JSON for each sampled frame", cmdline_string,
	  FIELD(events) },
	{ 0, "sflow", "HOST[:PORT]",
	  "send sampled frames, and counters, to this collector\n"
	  "(default port 6343)",
	  cmdline_string, FIELD(sflow.collector) },
	{ 0, "sflow-agent", "ADDRESS",
	  "of this machine, in datagrams (default: that from which\n"
	  "they are sent)",
	  cmdline_string, FIELD(sflow.agent) },
	{ 0, "sflow-subagent", "N",
	  "number in datagrams of what sends from that address\n"
	  "(default: index of the first interface)",
	  cmdline_u64, FIELD(sflow.sub_agent), .min = 0, .max = ~0U },
	{ 0, "sflow-rate", "PPS", "send at most this many samples a second (default 100)",
	  cmdline_u32, FIELD(sflow.rate), .min = 1, .max = 100000 },
	{ 0, "sflow-discard", NULL, "as discarded_packet, which few collectors know", cmdline_flag,
	  FIELD(sflow.discard) },
	{ 0, "sample", "N",
	  "sample one in N frames, at random (default 1, or 400\n"
	  "with --sflow); all are counted",
	  cmdline_u32, FIELD(session.sample), .min = 1, .max = 65535 },
	{ 0, "rate", "PPS",
	  "sample at most this many frames a second on each CPU\n"
	  "(default 1000)",
	  cmdline_u32, FIELD(session.rate), .min = 1, .max = 10000000 },
	{ 'Z', "relinquish-privileges", "USER",
	  "become this user once it counts (default: tcpdump, or\n"
	  "nobody); root: keep all privileges",
	  cmdline_string, FIELD(user) },
	COMMON_MESSAGE_OPTIONS,
	COMMON_END_OPTIONS,
	{ 0 },
};

static int monitor_take_words(struct monitor_options *options, char *const *words,
			      struct cmdline_error *error)
{
	if (!words[0])
		return cmdline_fail(error, "no interface to monitor; see --help");
	options->ifname = *words++;
	options->words = words;
	return filter_text_check(words, options->filter_file, error) ?:
		       ifnames_check(options->ifname, error);
}

/* Sampled frames need no more than what is looked at. */
static void monitor_set_samples(struct monitor_options *options)
{
	struct xdpdrop_opts *session = &options->session;

	session->snaplen = SNAPLEN;
	if (!session->sample)
		session->sample = options->sflow.collector ? SFLOW_SAMPLE : 1;
	if (!session->rate)
		session->rate = RATE;
}

static int monitor_check_samples(const struct monitor_options *options, struct cmdline_error *error)
{
	const struct sflow_send_options *sflow = &options->sflow;
	bool to_stdout = options->events && events_to_stdout(options->events);

	if (!sflow->collector && (sflow->agent || sflow->rate || sflow->discard ||
				  sflow->sub_agent != SFLOW_SUB_AGENT_OF_INTERFACE))
		return cmdline_fail(error, "options --sflow-agent, --sflow-subagent, --sflow-rate "
					   "and --sflow-discard need --sflow");
	if (to_stdout && (options->json || options->lines))
		return cmdline_fail(error,
				    "option --events %.8s: standard output cannot have "
				    "both events and --json or --lines",
				    options->events);
	return 0;
}

static int monitor_check(const struct monitor_options *options, struct cmdline_error *error)
{
	if (options->quiet && options->verbose)
		return cmdline_fail(error, "options -q and -v exclude each other");
	if (options->json && options->lines)
		return cmdline_fail(error, "options --json and --lines exclude each other");
	if (options->once && options->duration_ms)
		return cmdline_fail(error, "options --once and -d exclude each other; -i is how "
					   "long --once counts");
	return session_options_check(monitor_options_table,
				     offsetof(struct monitor_options, session), &options->session,
				     NULL, error);
}

int monitor_options_parse(int argc, char **argv, struct monitor_options *options,
			  struct cmdline_error *error)
{
	int first, err;

	*options = (struct monitor_options){ .session.size = sizeof(options->session),
					     .interval_ms = SECOND_MS,
					     .sflow.sub_agent = SFLOW_SUB_AGENT_OF_INTERFACE };
	options->session.count_matching = true;
	first = cmdline_parse(monitor_options_table, argc, argv, options, error);
	if (first < 0)
		return first;
	if (options->help || options->version)
		return 0;
	err = monitor_take_words(options, argv + first, error);
	err = err ? err : monitor_check_samples(options, error);
	if (options->events || options->sflow.collector)
		monitor_set_samples(options);
	return err ? err : monitor_check(options, error);
}

struct await_start monitor_options_start(const struct monitor_options *options)
{
	return (struct await_start){ .ifname = options->ifname,
				     .opts = &options->session,
				     .wait = options->wait,
				     .quiet = options->quiet,
				     .verbose = options->verbose };
}

void monitor_options_help(FILE *stream)
{
	fputs("Usage: xdpdrop-monitor [options] <ifname>[,<ifname>...] [filter]\n"
	      "\n"
	      "Count the frames that XDP programs drop, by program and reason. Needs root to\n"
	      "begin.\n"
	      "\n",
	      stream);
	cmdline_print(stream, monitor_options_table);
	fputs("\nA filter is an expression of pcap-filter(7), as tcpdump takes it.\n"
	      "\nExamples:\n"
	      "  xdpdrop-monitor eth0                     what is dropped, each second\n"
	      "  xdpdrop-monitor --once -i 10 eth0 udp    what is dropped of UDP in ten seconds\n"
	      "  xdpdrop-monitor --json eth0,eth1 | jq    the same for scripts\n"
	      "  xdpdrop-monitor --metrics 9100 eth0      for Prometheus\n"
	      "\nThe manual page is xdpdrop-monitor(8).\n",
	      stream);
}

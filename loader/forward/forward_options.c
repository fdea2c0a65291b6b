// SPDX-License-Identifier: GPL-2.0-only
/*
 * The options of xdpdrop-forward: the table, and what has to hold between them.
 */
#include <string.h>

#include "forward/forward_options.h"
#include "options/common_options.h"

#define FIELD(name) .field = offsetof(struct forward_options, name)
#define QUEUE_DEFAULT 100000
#define QUEUE_MAX 10000000
#define FLUSH_DEFAULT_MS 10000
#define FLUSH_MAX_MS (3600 * 1000)

/* A value may be a secret: no message has it. */
static int forward_parse_property(const struct cmdline_option *entry, const char *value,
				  void *field, struct cmdline_error *error)
{
	struct forward_properties *properties = field;

	(void)entry;
	if (*value == '=' || !strchr(value, '='))
		return cmdline_fail(error, "it is not NAME=VALUE");
	if (properties->count == FORWARD_PROPERTIES_MAX)
		return cmdline_fail(error, "more than %d of them", FORWARD_PROPERTIES_MAX);
	properties->value[properties->count++] = value;
	return 0;
}

static const struct cmdline_option forward_options_table[] = {
	{ 'b', "brokers", "LIST", "brokers of the cluster: HOST:PORT,HOST:PORT", cmdline_string,
	  FIELD(brokers) },
	{ 't', "topic", "NAME", "topic to write to", cmdline_string, FIELD(topic) },
	{ 'X', "property", "NAME=VALUE",
	  "a property of librdkafka, as security.protocol=ssl;\n"
	  "may be repeated",
	  forward_parse_property, FIELD(properties) },
	{ 0, "config", "FILE",
	  "properties, NAME=VALUE in each line; passwords belong\n"
	  "there: other users see the command line",
	  cmdline_string, FIELD(config) },
	{ 0, "queue", "N",
	  "events that wait for a broker (default 100000); then\n"
	  "no more are read",
	  cmdline_u32, FIELD(queue), .min = 1, .max = QUEUE_MAX },
	{ 0, "flush", "SECONDS",
	  "at the end wait so long for brokers to acknowledge\n"
	  "events (default 10)",
	  cmdline_seconds, FIELD(flush_ms), .max = FLUSH_MAX_MS },
	{ 'Z', "relinquish-privileges", "USER",
	  "become this user (default: tcpdump, or nobody); root:\n"
	  "keep all privileges",
	  cmdline_string, FIELD(user) },
	{ 'q', "quiet", NULL, "only warnings and errors, no totals", cmdline_flag, FIELD(quiet) },
	{ 'v', "verbose", NULL, "print what librdkafka logs", cmdline_count, FIELD(verbose) },
	COMMON_END_OPTIONS,
	{ 0 },
};

int forward_options_parse(int argc, char **argv, struct forward_options *options,
			  struct cmdline_error *error)
{
	int first;

	*options = (struct forward_options){ .queue = QUEUE_DEFAULT, .flush_ms = FLUSH_DEFAULT_MS };
	first = cmdline_parse(forward_options_table, argc, argv, options, error);
	if (first < 0)
		return first;
	if (options->help || options->version)
		return 0;
	if (first < argc)
		return cmdline_fail(error, "'%.64s': events come from standard input; see --help",
				    argv[first]);
	if (!options->brokers)
		return cmdline_fail(error, "no brokers; type: --brokers HOST:PORT");
	if (!options->topic)
		return cmdline_fail(error, "no topic; type: --topic NAME");
	if (options->quiet && options->verbose)
		return cmdline_fail(error, "options -q and -v exclude each other");
	return 0;
}

void forward_options_help(FILE *stream)
{
	fputs("Usage: xdpdrop-forward [options] --brokers <host:port> --topic <name>\n"
	      "\n"
	      "Write the events of xdpdrop-monitor, one JSON object in each line of standard\n"
	      "input, to a topic of Apache Kafka.\n"
	      "\n",
	      stream);
	cmdline_print(stream, forward_options_table);
	fputs("\nExample:\n"
	      "  xdpdrop-monitor --events - eth0 |\n"
	      "      xdpdrop-forward --brokers kafka1:9092,kafka2:9092 --topic xdp-drops\n"
	      "\nThe manual page is xdpdrop-forward(8).\n",
	      stream);
}

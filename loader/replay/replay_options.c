// SPDX-License-Identifier: GPL-2.0-only
/*
 * The options of xdpdrop-replay: the table, and what has to hold between them.
 */
#include <errno.h>
#include <string.h>

#include "options/common_options.h"
#include "options/filter_text.h"
#include "options/verdict.h"
#include "replay/replay_jobs.h"
#include "replay/replay_options.h"

#define FIELD(name) .field = offsetof(struct replay_options, name)
#define QUEUE_MAX 65535
#define REPEAT_MAX 1000000

static int replay_parse_list(const struct cmdline_option *entry, const char *value, void *field,
			     struct cmdline_error *error)
{
	struct replay_list *list = field;

	(void)entry;
	if (list->count == REPLAY_LIST_MAX)
		return cmdline_fail(error, "more than %d of them", REPLAY_LIST_MAX);
	list->value[list->count++] = value;
	return 0;
}

static int replay_parse_queue(const struct cmdline_option *entry, const char *value, void *field,
			      struct cmdline_error *error)
{
	struct replay_options *options =
		(void *)((char *)field - offsetof(struct replay_options, queue));
	int err = cmdline_u32(entry, value, field, error);

	options->queue_given |= !err;
	return err;
}

const struct cmdline_option replay_options_table[] = {
	{ 0, "live", NULL,
	  "run a loaded program, though that changes its maps:\n"
	  "counters, connections, rate limits",
	  cmdline_flag, FIELD(replay.live) },
	{ 'a', "actions", "LIST",
	  "verdicts whose frames are written (default\n"
	  "aborted,drop): aborted, drop, pass, tx, redirect; or all",
	  verdict_list, FIELD(replay.actions) },
	{ 0, "reason", "LIST", "write only frames with these reasons: names or numbers",
	  cmdline_string, FIELD(only_reasons) },
	{ 0, "against", "NEW",
	  "run this program, too, and write only frames for which\n"
	  "verdict or reason differ",
	  cmdline_string, FIELD(against) },
	{ 0, "expect", "FILE", "test the verdicts by the rules in this file", cmdline_string,
	  FIELD(expect) },
	{ 0, "strict", NULL, "for --expect: a rule that no frame meets fails", cmdline_flag,
	  FIELD(strict) },
	{ 0, "tap", NULL, "for --expect: print TAP 13, a line for each rule", cmdline_flag,
	  FIELD(tap) },
	{ 0, "copy-maps-from", "PROGRAM",
	  "copy the entries of the maps of this running program\n"
	  "(id or pin), and its constants, to maps of that name",
	  cmdline_string, FIELD(replay.copy_maps_from) },
	{ 0, "map", "NAME=FILE",
	  "fill a map from a file of bpftool -j map dump; may be\n"
	  "repeated",
	  replay_parse_list, FIELD(maps) },
	{ 0, "tail", "NAME:INDEX=PROG",
	  "put a program of the object into its tail-call table;\n"
	  "may be repeated",
	  replay_parse_list, FIELD(tails) },
	{ 0, "ifname", "IFNAME",
	  "the interface that appears to receive the frames\n"
	  "(default: one in a network namespace of its own)",
	  cmdline_string, FIELD(replay.ifname) },
	{ 0, "queue", "N", "the receive queue (default: the file's, or 0)", replay_parse_queue,
	  FIELD(queue), .max = QUEUE_MAX },
	{ 0, "pad", NULL,
	  "run frames that a snapshot length has cut, with zeros\n"
	  "for what is missing",
	  cmdline_flag, FIELD(pad) },
	{ 0, "modified", NULL, "write the bytes that the program left", cmdline_flag,
	  FIELD(replay.modified) },
	{ 0, "repeat", "N", "run each frame so many times more, for the time only", cmdline_u32,
	  FIELD(repeat), .min = 1, .max = REPEAT_MAX },
	{ 'j', "jobs", "N",
	  "run frames on so many CPUs, for a program whose\n"
	  "verdicts do not depend on earlier frames (default 1)",
	  cmdline_u32, FIELD(jobs), .min = 1, .max = REPLAY_JOBS_MAX },
	{ 'F', "format", "pcap|pcapng",
	  "format of the output (default pcap if its name ends in\n"
	  ".pcap, else pcapng)",
	  cmdline_choice, FIELD(format) },
	COMMON_FILTER_FILE_OPTION,
	COMMON_REASONS_OPTION(replay.reasons),
	{ 0, "json", "FILE|FD", "write the summary as JSON to a file, a descriptor or -",
	  cmdline_string, FIELD(json) },
	{ 'q', "quiet", NULL, "no summary", cmdline_flag, FIELD(quiet) },
	{ 'v', "verbose", NULL, "print more; -vv also what libbpf prints", cmdline_count,
	  FIELD(verbose) },
	COMMON_END_OPTIONS,
	{ 0 },
};

static int replay_take_words(struct replay_options *options, char *const *words,
			     struct cmdline_error *error)
{
	if (!words[0])
		return cmdline_fail(error, "no program to run; see --help");
	options->replay.program = *words++;
	if (!words[0])
		return cmdline_fail(error,
				    "no file of frames after '%.64s'; type: xdpdrop-replay %.64s "
				    "INPUT [OUTPUT]",
				    options->replay.program, options->replay.program);
	options->input = *words++;
	if (words[0])
		options->file = *words++;
	options->words = words;
	if (!*options->replay.program || !*options->input || (options->file && !*options->file))
		return cmdline_fail(error, "a name is empty");
	return filter_text_check(words, options->filter_file, error);
}

static int replay_check_modes(const struct replay_options *options, struct cmdline_error *error)
{
	if (options->against && options->expect)
		return cmdline_fail(error, "options --against and --expect exclude each other");
	if ((options->strict || options->tap) && !options->expect)
		return cmdline_fail(error, "options --strict and --tap are for --expect");
	if (options->json && !strcmp(options->json, "-") &&
	    (options->tap || (options->file && !strcmp(options->file, "-"))))
		return cmdline_fail(error, "option --json: standard output is in use already");
	if (options->tap && options->file && !strcmp(options->file, "-"))
		return cmdline_fail(error, "option --tap: standard output takes the frames");
	if (options->against && options->only_reasons)
		return cmdline_fail(error, "options --against and --reason exclude each other");
	if (options->jobs > 1 && options->replay.modified)
		return cmdline_fail(error, "options --jobs and --modified exclude each other");
	if (options->quiet && options->verbose)
		return cmdline_fail(error, "options -q and -v exclude each other");
	return 0;
}

static bool replay_ends_with(const char *text, const char *end)
{
	size_t length = strlen(text), tail = strlen(end);

	return length >= tail && !strcmp(text + length - tail, end);
}

int replay_options_parse(int argc, char **argv, struct replay_options *options,
			 struct cmdline_error *error)
{
	int first, err;
	bool pcap;

	memset(options, 0, sizeof(*options));
	options->replay.size = sizeof(options->replay);
	options->output.size = sizeof(options->output);
	options->output.fd = -1;
	first = cmdline_parse(replay_options_table, argc, argv, options, error);
	if (first < 0)
		return first;
	if (options->help || options->version)
		return 0;
	err = replay_take_words(options, argv + first, error);
	err = err ? err : replay_check_modes(options, error);
	if (err)
		return err;
	pcap = options->format ? !strcmp(options->format, "pcap") :
				 options->file && replay_ends_with(options->file, ".pcap");
	options->output.format = pcap ? XDPDROP_PCAP : XDPDROP_PCAPNG;
	options->output.nanoseconds = pcap;
	options->replay.map_files = options->maps.value;
	options->replay.tails = options->tails.value;
	return 0;
}

void replay_options_help(FILE *stream)
{
	fputs("Usage: xdpdrop-replay [options] <program> <input> [<output|-> [filter]]\n"
	      "\n"
	      "Run an XDP program over the frames of a pcap or pcapng file: what would it drop\n"
	      "of them, and why. <program> is FILE.bpf.o, FILE.bpf.o:PROGRAM, or a loaded\n"
	      "program: an id, a pin or an interface. Needs root.\n"
	      "\n",
	      stream);
	cmdline_print(stream, replay_options_table);
	fputs("\nA filter is an expression of pcap-filter(7), as tcpdump takes it.\n"
	      "\nExamples:\n"
	      "  xdpdrop-replay firewall.bpf.o yesterday.pcapng dropped.pcapng\n"
	      "                                           what it would have dropped\n"
	      "  xdpdrop-replay old.bpf.o --against new.bpf.o day.pcapng changed.pcapng\n"
	      "                                           what the new one does otherwise\n"
	      "  xdpdrop-replay firewall.bpf.o --expect rules.txt regression.pcap\n"
	      "                                           a test, for CI\n"
	      "\nThe manual page is xdpdrop-replay(8).\n",
	      stream);
}

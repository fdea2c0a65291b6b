// SPDX-License-Identifier: GPL-2.0-only
/*
 * The options of xdpdrop-capture: the table, and what has to hold between them.
 */
#include <errno.h>
#include <string.h>

#include "capture/capture_options.h"
#include "capture/file_options.h"
#include "capture/outputs.h"
#include "capture/thread_options.h"
#include "common/tcp_listen.h"
#include "options/common_options.h"
#include "options/filter_text.h"
#include "options/ifnames.h"
#include "options/session_options.h"

#define FIELD(name) .field = offsetof(struct capture_options, name)
#define DAY_MS (24ULL * 3600 * 1000)
#define YEAR_MS (366ULL * 24 * 3600 * 1000)
#define MOST_FILES 1000000
#define RATE_MAX 10000000
#define COUNT_MAX 1000000000000000000ULL

/* An option of tcpdump's that has no meaning here. */
#define FOREIGN(letter_, name_, text_)                                                             \
	{                                                                                          \
		.letter = (letter_), .name = (name_), .parse = cmdline_foreign, .instead = (text_) \
	}

const struct cmdline_option capture_options_table[] = {
	{ 'i', "interface", "IFNAME", "the interface, as tcpdump takes it; instead of <ifname>",
	  cmdline_string, FIELD(ifname) },
	{ 'w', "write", "FILE", "the file, as tcpdump takes it; instead of <file>", cmdline_string,
	  FIELD(file) },
	COMMON_TAP_OPTIONS("capture"),
	{ 0, "netns", "NAME|PID|PATH",
	  "interfaces of this network namespace: of ip-netns(8),\n"
	  "of a process, or a file; with -D also all",
	  cmdline_string, FIELD(netns) },
	COMMON_PROGRAM_OPTIONS("capture"),
	{ 's', "snaplen", "BYTES", "capture at most this much of a frame (default 65535)",
	  cmdline_u32, FIELD(session.snaplen), .min = 1, .max = XDPDROP_MAX_CAPLEN },
	{ 0, "wait", NULL, "wait until there is an interface with a program to capture",
	  cmdline_flag, FIELD(wait) },
	{ 'c', "count", "FRAMES", "end after this many frames", cmdline_u64, FIELD(count), .min = 1,
	  .max = COUNT_MAX },
	{ 'd', "duration", "SECONDS", "end after this time, for example 10 or 0.5", cmdline_seconds,
	  FIELD(duration_ms), .min = 1, .max = YEAR_MS },
	{ 'C', "file-size", "SIZE",
	  "begin another file when one is larger: millions of bytes,\n"
	  "or with k, m, g: KiB, MiB, GiB",
	  cmdline_size, FIELD(files.bytes), .min = 1, .max = COUNT_MAX },
	{ 'G', "rotate", "SECONDS",
	  "begin another file each time so many seconds have\n"
	  "passed; <file> is a format of strftime(3)",
	  cmdline_u32, FIELD(files.seconds), .min = 1, .max = YEAR_MS / 1000 },
	{ 'W', "files", "FILES",
	  "with -C: begin again at the first file after so many;\n"
	  "with -G: end after so many; with --history: delete the\n"
	  "oldest file when there are more",
	  cmdline_u32, FIELD(files.count), .min = 1, .max = MOST_FILES },
	{ 0, "max-bytes", "SIZE",
	  "keep all files together below this size: delete the\n"
	  "oldest ones",
	  cmdline_size, FIELD(files.max_bytes), .min = 1024 * 1024, .max = COUNT_MAX },
	{ 0, "history", "SIZE|SECONDS",
	  "keep the last frames in memory, and write them at a\n"
	  "trigger: 64m (default), 30s, or 64m,30s",
	  history_options_parse_size, FIELD(history) },
	{ 0, "trigger", "EVENT",
	  "write the history at: reason=NAME, new-reason, rate>N,\n"
	  "rate(NAME)>N, lost, exception, gone; several are allowed;\n"
	  "SIGUSR2 always is one",
	  history_options_parse_trigger, FIELD(history) },
	{ 0, "after", "SECONDS", "go on writing for so long after a trigger (default 5)",
	  cmdline_seconds, FIELD(history.after_ms), .max = DAY_MS },
	{ 0, "holdoff", "SECONDS", "a trigger does not act again in this time (default 60)",
	  cmdline_seconds, FIELD(history.holdoff_ms), .max = DAY_MS },
	{ 0, "control", "FIFO", "take commands as lines: snapshot [NAME], ping", cmdline_string,
	  FIELD(history.commands) },
	{ 0, "threads", "N",
	  "read the ring buffers in N threads (default 1), each\n"
	  "with a file: drops.0.pcapng, drops.1.pcapng, ...",
	  cmdline_u32, FIELD(threads), .min = 1, .max = OUTPUTS_MOST },
	{ 'B', "buffer-size", "KIB",
	  "ring buffer of each CPU, rounded up to a power of two\n"
	  "(default: 128 MiB over all CPUs, 2 to 16 MiB each)",
	  cmdline_u32, FIELD(session.buffer_kib), .min = 256, .max = 1024 * 1024 },
	{ 'F', "format", "pcap|pcapng",
	  "format of the file (default pcap if its name ends in\n"
	  ".pcap, else pcapng)",
	  cmdline_choice, FIELD(format) },
	{ 0, "nano", NULL, "pcap with nanoseconds (pcapng always has them)", cmdline_flag,
	  FIELD(output.nanoseconds) },
	{ 0, "no-verdict", NULL,
	  "verdicts in comments of a pcapng file: what Wireshark\n"
	  "4.0 saves of other files, it cannot read",
	  cmdline_flag, FIELD(output.no_verdict) },
	{ 'U', "packet-buffered", NULL, "write each frame at once", cmdline_flag,
	  FIELD(output.unbuffered) },
	COMMON_FILTER_FILE_OPTION,
	COMMON_NO_OPTIMIZE_OPTION,
	{ 0, "dump-filter", NULL, "print what the filter becomes, and capture nothing",
	  cmdline_flag, FIELD(dump_filter) },
	COMMON_REASON_OPTIONS("capture"),
	COMMON_REASONS_OPTION(session.reasons),
	{ 0, "sample", "N", "capture one in N frames, at random", cmdline_u32,
	  FIELD(session.sample), .min = 1, .max = 65535 },
	{ 0, "rate", "PPS", "capture at most this many frames a second on each CPU", cmdline_u32,
	  FIELD(session.rate), .min = 1, .max = RATE_MAX },
	{ 0, "rate-per-reason", "PPS", "the same for each reason of each hook or program",
	  cmdline_u32, FIELD(session.reason_rate), .min = 1, .max = RATE_MAX },
	{ 0, "max-overhead", "PERCENT",
	  "sample more, as needed to stay below this part of a\n"
	  "CPU's time",
	  cmdline_percent, FIELD(session.max_overhead), .min = 1, .max = 100 * 1000 },
	{ 0, "stats", "SECONDS", "print the counters each time so many seconds have passed",
	  cmdline_seconds, FIELD(stats_ms), .min = 100, .max = DAY_MS },
	{ 0, "json", "FILE|FD",
	  "write the counters as JSON, one object a line, to a\n"
	  "file, an open descriptor or -: at the start, every\n"
	  "second (or each --stats interval), at the end; or\n"
	  "what -D and --explain find, as one object",
	  cmdline_string, FIELD(json) },
	{ 0, "explain", NULL, "print which taps would work, and capture nothing", cmdline_flag,
	  FIELD(explain) },
	{ 'D', "list-interfaces", NULL, "list interfaces, what is attached, and their taps",
	  cmdline_flag, FIELD(list) },
	{ 'Z', "relinquish-privileges", "USER",
	  "become this user once the capture runs (default:\n"
	  "tcpdump, or nobody); root: keep all privileges",
	  cmdline_string, FIELD(user) },
	COMMON_MESSAGE_OPTIONS,
	COMMON_END_OPTIONS,
	FOREIGN('r', "read-file", "this tool reads no files; type: tcpdump -r FILE"),
	FOREIGN('n', "numeric",
		"nothing is printed here; type: xdpdrop-capture IFNAME - | tcpdump -nr -"),
	FOREIGN('l', "line-buffered",
		"frames are not lines; type: xdpdrop-capture IFNAME - | tcpdump -l -nr -"),
	FOREIGN('e', "link-level",
		"nothing is printed here; type: xdpdrop-capture IFNAME - | tcpdump -e -nr -"),
	{ 0 },
};

static int capture_check_list(const struct capture_options *options, char *const *words,
			      struct cmdline_error *error)
{
	const char *word = options->ifname ? options->ifname : options->file;

	word = word ? word : words[0];
	if (options->explain)
		return cmdline_fail(error, "options -D and --explain exclude each other");
	if (word)
		return cmdline_fail(error, "option -D: takes no arguments; leave out '%.64s'",
				    word);
	return 0;
}

static int capture_take_filter(struct capture_options *options, char *const *words,
			       struct cmdline_error *error)
{
	options->words = words;
	return filter_text_check(words, options->filter_file, error);
}

static int capture_check_file(const struct capture_options *options, struct cmdline_error *error)
{
	const char *file = options->file;

	if (!file && options->explain)
		return 0;
	if (!file)
		return cmdline_fail(error,
				    "no file after '%s'; to write one, type: xdpdrop-capture %s "
				    "drops.pcapng; to watch: xdpdrop-capture %s - | tcpdump -nr -",
				    options->ifname, options->ifname, options->ifname);
	if (!*file)
		return cmdline_fail(error, "the file's name is empty; use - for standard output");
	if (options->json && !strcmp(file, "-") &&
	    (!strcmp(options->json, "-") || !strcmp(options->json, "1")))
		return cmdline_fail(error,
				    "option --json: standard output takes the frames already");
	return 0;
}

/*
 * Take the interface and the file, unless -i and -w have named them, from what is left of argv,
 * which ends with NULL.
 */
static int capture_take_words(struct capture_options *options, char *const *words,
			      struct cmdline_error *error)
{
	int err;

	if (!options->ifname && !words[0])
		return cmdline_fail(error, "no interface to capture on; see --help");
	if (!options->ifname)
		options->ifname = *words++;
	options->file_named = options->file;
	if (!options->file && words[0])
		options->file = *words++;
	err = ifnames_check(options->ifname, error);
	err = err ? err : capture_check_file(options, error);
	err = err ? err : thread_options_check(options, error);
	err = err ? err : file_options_check(options, error);
	return err ? err : capture_take_filter(options, words, error);
}

static bool capture_ends_with(const char *text, const char *end)
{
	size_t length = strlen(text), tail = strlen(end);

	return length >= tail && !strcmp(text + length - tail, end);
}

/* Ranges and conflicts of what the library gets are its own to check. */
static int capture_check_session(const struct capture_options *options, struct cmdline_error *error)
{
	return session_options_check(capture_options_table,
				     offsetof(struct capture_options, session), &options->session,
				     &options->output, error);
}

static int capture_check_output(struct capture_options *options, struct cmdline_error *error)
{
	const char *file = options->file ? options->file : "-";
	bool pcap = options->format ? !strcmp(options->format, "pcap") :
				      capture_ends_with(file, ".pcap");

	options->output.format = pcap ? XDPDROP_PCAP : XDPDROP_PCAPNG;
	if (options->output.nanoseconds && !pcap)
		return cmdline_fail(error, "option --nano: is for -F pcap; pcapng always has "
					   "nanoseconds");
	return capture_check_session(options, error);
}

int capture_options_parse(int argc, char **argv, struct capture_options *options,
			  struct cmdline_error *error)
{
	int first, err;

	memset(options, 0, sizeof(*options));
	options->session.size = sizeof(options->session);
	options->output.size = sizeof(options->output);
	options->output.fd = -1;
	options->files.size = sizeof(options->files);
	history_options_init(&options->history);
	first = cmdline_parse(capture_options_table, argc, argv, options, error);
	if (first < 0)
		return first;
	if (options->help || options->version)
		return 0;
	if (options->quiet && options->verbose)
		return cmdline_fail(error, "options -q and -v exclude each other");
	err = options->list	   ? capture_check_list(options, argv + first, error) :
	      options->dump_filter ? capture_take_filter(options, argv + first, error) :
				     capture_take_words(options, argv + first, error);
	return err ? err : capture_check_output(options, error);
}

struct await_start capture_options_start(const struct capture_options *options)
{
	return (struct await_start){ .ifname = options->ifname,
				     .opts = &options->session,
				     .wait = options->wait,
				     .quiet = options->quiet,
				     .verbose = options->verbose };
}

/* A look at the words only: libpcap would ask name servers about each that it does not know. */
bool capture_options_file_forgotten(const struct capture_options *options)
{
	const char *file = options->file;

	return file && !options->file_named && strchr(file, ' ') && !strchr(file, '/') &&
	       !capture_ends_with(file, ".pcap") && !capture_ends_with(file, ".pcapng") &&
	       !options->words[0] && !options->filter_file;
}

bool capture_options_file_is_word(const struct capture_options *options)
{
	const char *file = options->file;

	return file && !options->file_named && !strpbrk(file, "./") && !tcp_listen_is(file) &&
	       !options->filter_file;
}

void capture_options_help(FILE *stream)
{
	fputs("Usage: xdpdrop-capture [options] <ifname>[,<ifname>...] <file|-> [filter]\n"
	      "       xdpdrop-capture [options] <ifname> tcp-listen:[<address>:]<port> [filter]\n"
	      "       xdpdrop-capture [options] --explain <ifname>\n"
	      "       xdpdrop-capture [options] --dump-filter [filter]\n"
	      "       xdpdrop-capture -D\n"
	      "\n"
	      "Capture the frames that XDP programs drop. Needs root to begin.\n"
	      "\n",
	      stream);
	cmdline_print(stream, capture_options_table);
	fputs("\nA filter is an expression of pcap-filter(7), as tcpdump takes it.\n"
	      "\nExamples:\n"
	      "  xdpdrop-capture -D                       what can be captured, and how\n"
	      "  xdpdrop-capture eth0 drops.pcapng        capture until Ctrl-C\n"
	      "  xdpdrop-capture eth0 - udp | tcpdump -nr -\n"
	      "                                           watch what is dropped of UDP\n"
	      "\nThe manual page is xdpdrop-capture(8).\n",
	      stream);
}

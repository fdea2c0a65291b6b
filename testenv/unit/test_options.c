// SPDX-License-Identifier: GPL-2.0-only
/*
 * Command lines of xdpdrop-capture: what they mean, and the words for those that mean nothing.
 * The exact messages of most misuse are in testenv/tests/options.txt.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "capture/capture_options.h"

#define WORDS_MAX 32

static struct capture_options options;
static struct cmdline_error error;

/* Parse a line whose words are separated by one blank; '_' stands for an empty word. */
static int parse(const char *line)
{
	static char copy[1024], *argv[WORDS_MAX]; /* the options refer to them */
	char *rest = *line ? copy : NULL;
	int argc = 1;

	assert_true(strlen(line) < sizeof(copy));
	strcpy(copy, line);
	argv[0] = "xdpdrop-capture";
	while ((argv[argc] = strsep(&rest, " "))) {
		if (!strcmp(argv[argc], "_"))
			argv[argc] = "";
		assert_true(++argc < WORDS_MAX);
	}
	return capture_options_parse(argc, argv, &options, &error);
}

static void assert_fails(const char *line, const char *message)
{
	assert_int_equal(parse(line), -EINVAL);
	assert_string_equal(error.text, message);
}

static void test_defaults(void **state)
{
	(void)state;
	assert_int_equal(parse("eth0 out"), 0);
	assert_string_equal(options.ifname, "eth0");
	assert_string_equal(options.file, "out");
	assert_int_equal(options.session.size, sizeof(struct xdpdrop_opts));
	assert_false(options.session.tap || options.session.hook_pin || options.session.program);
	assert_false(options.session.reasons || options.session.actions);
	assert_false(options.session.snaplen || options.session.buffer_kib);
	assert_int_equal(options.output.size, sizeof(struct xdpdrop_output));
	assert_false(options.output.nanoseconds || options.output.unbuffered);
	assert_false(options.quiet || options.list || options.explain);
	assert_false(options.count || options.duration_ms || options.verbose);
}

static void test_all_short(void **state)
{
	(void)state;
	assert_int_equal(
		parse("-t wrap -p fw -a tx -s 96 -c 7 -d 1.5 -B 512 -F pcap -U -vv eth0 -"), 0);
	assert_string_equal(options.session.tap, "wrap");
	assert_string_equal(options.session.program, "fw");
	assert_int_equal(options.session.actions, 1 << 3);
	assert_int_equal(options.session.snaplen, 96);
	assert_int_equal(options.count, 7);
	assert_int_equal(options.duration_ms, 1500);
	assert_int_equal(options.session.buffer_kib, 512);
	assert_int_equal(options.output.format, XDPDROP_PCAP);
	assert_true(options.output.unbuffered);
	assert_int_equal(options.verbose, 2);
	assert_string_equal(options.file, "-");
}

static void test_all_long(void **state)
{
	(void)state;
	assert_int_equal(parse("eth0 x.pcap --tap=hook --hook /p --actions all --snaplen=65535 "
			       "--count 1 --duration=2 --buffer-size 256 --format=pcap --nano "
			       "--packet-buffered --reasons r --quiet"),
			 0);
	assert_string_equal(options.session.tap, "hook");
	assert_string_equal(options.session.hook_pin, "/p");
	assert_string_equal(options.session.reasons, "r");
	assert_int_equal(options.session.actions, 0x1f);
	assert_int_equal(options.session.snaplen, 65535);
	assert_int_equal(options.duration_ms, 2000);
	assert_true(options.output.nanoseconds && options.output.unbuffered && options.quiet);
}

static void test_numbers(void **state)
{
	(void)state;
	assert_int_equal(parse("-c 1000000000000000000 eth0 -"), 0);
	assert_true(options.count == 1000000000000000000ULL);
	assert_int_equal(parse("-s 00064 eth0 -"), 0);
	assert_int_equal(options.session.snaplen, 64);
	assert_int_equal(parse("-c 1000000000000000001 eth0 -"), -EINVAL);
	/* 2^64 and 2^64 + 1, which would wrap to 0 and 1 */
	assert_int_equal(parse("-c 18446744073709551616 eth0 -"), -EINVAL);
	assert_int_equal(parse("-c 18446744073709551617 eth0 -"), -EINVAL);
	/* 2^32 + 64 */
	assert_int_equal(parse("-s 4294967360 eth0 -"), -EINVAL);
	assert_int_equal(parse("-s 0x40 eth0 -"), -EINVAL);
	assert_int_equal(parse("-s +64 eth0 -"), -EINVAL);
	assert_int_equal(parse("-s _ eth0 -"), -EINVAL);
}

static void test_seconds(void **state)
{
	static const struct {
		const char *line;
		__u64 milliseconds;
	} cases[] = { { "-d 1 eth0 -", 1000 },	    { "-d 0.5 eth0 -", 500 },
		      { "-d .5 eth0 -", 500 },	    { "-d 0.001 eth0 -", 1 },
		      { "-d 12.34 eth0 -", 12340 }, { "-d 31622400 eth0 -", 31622400000 },
		      { "-d 5s eth0 -", 5000 },	    { "-d .5s eth0 -", 500 } };
	static const char *const bad[] = { "0",	 "0.000",	 ".",
					   "1.", "1.2345",	 "1.2.3",
					   "-1", "1e3",		 "1ss",
					   "s",	 "1m",		 " 1",
					   "_",	 "31622400.001", "18446744073709552" };
	char line[64];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(parse(cases[i].line), 0);
		assert_true(options.duration_ms == cases[i].milliseconds);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(line, sizeof(line), "-d %s eth0 -", bad[i]);
		assert_int_equal(parse(line), -EINVAL);
	}
}

static void test_actions(void **state)
{
	static const struct {
		const char *line;
		__u32 actions;
	} cases[] = { { "-a aborted eth0 -", 0x01 },
		      { "-a drop eth0 -", 0x02 },
		      { "-a pass eth0 -", 0x04 },
		      { "-a tx eth0 -", 0x08 },
		      { "-a redirect eth0 -", 0x10 },
		      { "-a all eth0 -", 0x1f },
		      { "-a drop,aborted,drop eth0 -", 0x03 },
		      { "-a pass -a tx eth0 -", 0x08 } };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(parse(cases[i].line), 0);
		assert_int_equal(options.session.actions, cases[i].actions);
	}
}

static void test_format(void **state)
{
	static const struct {
		const char *line;
		enum xdpdrop_format format;
	} cases[] = { { "eth0 a.pcap", XDPDROP_PCAP },
		      { "eth0 a.pcapng", XDPDROP_PCAPNG },
		      { "eth0 a.PCAP", XDPDROP_PCAPNG },
		      { "eth0 pcap", XDPDROP_PCAPNG },
		      { "eth0 a.pcap.gz", XDPDROP_PCAPNG },
		      { "eth0 -", XDPDROP_PCAPNG },
		      { "-F pcap eth0 -", XDPDROP_PCAP },
		      { "-F pcapng eth0 a.pcap", XDPDROP_PCAPNG },
		      { "-F pcap -F pcapng eth0 -", XDPDROP_PCAPNG } };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(parse(cases[i].line), 0);
		assert_int_equal(options.output.format, cases[i].format);
	}
}

static void test_words(void **state)
{
	(void)state;
	assert_int_equal(parse("-- eth0 -x"), 0);
	assert_string_equal(options.file, "-x");
	assert_int_equal(parse("eth0 -c 3 out -q"), 0);
	assert_string_equal(options.file, "out");
	assert_int_equal(parse("--explain eth0"), 0);
	assert_null(options.file);
	assert_int_equal(parse("--explain eth0 out"), 0);
	assert_int_equal(parse("-D"), 0);
	assert_true(options.list);
	assert_fails("", "no interface to capture on; see --help");
	assert_fails("--explain", "no interface to capture on; see --help");
	assert_fails("_ out", "the interface's name is empty");
}

/* What comes before --help has to be right, what comes after is not looked at. */
static void test_last(void **state)
{
	(void)state;
	assert_int_equal(parse("--help -s 0 --nonsense"), 0);
	assert_true(options.help);
	assert_int_equal(parse("-qvV"), 0);
	assert_true(options.version);
	assert_int_equal(parse("-s 0 --help"), -EINVAL);
	assert_false(options.help);
}

/* A second call must not go on where a first one stopped. */
static void test_again(void **state)
{
	(void)state;
	assert_int_equal(parse("-qs 0 eth0 -"), -EINVAL);
	assert_int_equal(parse("-c 5 eth0 -"), 0);
	assert_int_equal(options.count, 5);
	assert_false(options.quiet);
}

static void test_messages(void **state)
{
	(void)state;
	assert_fails("-s 70000 eth0 -", "option -s: '70000' is not between 1 and 65535");
	assert_fails("--sn 70000 eth0 -", "option --snaplen: '70000' is not between 1 and 65535");
	assert_fails("--sn 7x eth0 -",
		     "option --snaplen: '7x' is not a whole number; use 1 to 65535");
	assert_fails("--hook h -p x eth0 -", "options --hook and -p exclude each other");
	assert_fails("-\xff", "unknown option '-?'; see --help");
	assert_fails("-t \033[31m\n eth0 -",
		     "option -t: there is no tap '?[31m?', only auto, hook, tag, exit, wrap");
}

/* However long a word is, the message is one line, ended, and says what is wrong. */
static void test_long_word(void **state)
{
	char *word = malloc(100000);
	char *argv[] = { "xdpdrop-capture", "-a", word, "eth0", "-", NULL };

	(void)state;
	assert_non_null(word);
	memset(word, 'x', 99999);
	word[99999] = '\0';
	assert_int_equal(capture_options_parse(5, argv, &options, &error), -EINVAL);
	assert_non_null(strstr(error.text, "is no action"));
	argv[1] = "-D";
	assert_int_equal(capture_options_parse(3, argv, &options, &error), -EINVAL);
	free(word);
}

static void test_no_argv(void **state)
{
	char *argv[] = { NULL };

	(void)state;
	assert_int_equal(capture_options_parse(0, argv, &options, &error), -EINVAL);
}

static void test_as_tcpdump(void **state)
{
	(void)state;
	assert_int_equal(parse("-i eth0 -w out udp port 53"), 0);
	assert_string_equal(options.ifname, "eth0");
	assert_string_equal(options.file, "out");
	assert_string_equal(options.words[0], "udp");
	assert_false(capture_options_file_is_word(&options));
	assert_int_equal(parse("-w udp eth0"), 0);
	assert_string_equal(options.ifname, "eth0");
	assert_false(capture_options_file_is_word(&options));
	assert_int_equal(parse("-i eth0 udp"), 0);
	assert_string_equal(options.file, "udp");
	assert_null(options.words[0]);
	assert_true(capture_options_file_is_word(&options));
	assert_int_equal(parse("eth0 udp.pcap"), 0);
	assert_false(capture_options_file_is_word(&options));
	assert_int_equal(parse("eth0 udp tcp"), 0);
	assert_true(capture_options_file_is_word(&options));
}

static void test_help(void **state)
{
	const struct cmdline_option *entry;
	char *text = NULL, expected[64];
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	(void)state;
	assert_non_null(stream);
	capture_options_help(stream);
	fclose(stream);
	for (entry = capture_options_table; entry->name; entry++) {
		snprintf(expected, sizeof(expected),
			 entry->letter ? "\n  -%c, --%s" : "\n  %c   --%s",
			 entry->letter ? entry->letter : ' ', entry->name);
		assert_int_equal(strstr(text, expected) != NULL, entry->help != NULL);
	}
	for (char *line = text; (line = strchr(line, '\n')); line++)
		assert_true(strcspn(line + 1, "\n") <= 90);
	free(text);
}

static void test_table(void **state)
{
	const struct cmdline_option *entry, *other;

	(void)state;
	for (entry = capture_options_table; entry->name; entry++) {
		assert_true(entry - capture_options_table < CMDLINE_MAX);
		assert_true(entry->parse && entry->min <= entry->max);
		assert_true(!entry->help == !!entry->instead);
		for (other = capture_options_table; other < entry; other++) {
			assert_string_not_equal(other->name, entry->name);
			assert_true(!entry->letter || other->letter != entry->letter);
		}
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),   cmocka_unit_test(test_all_short),
		cmocka_unit_test(test_all_long),   cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_seconds),	   cmocka_unit_test(test_actions),
		cmocka_unit_test(test_format),	   cmocka_unit_test(test_words),
		cmocka_unit_test(test_last),	   cmocka_unit_test(test_again),
		cmocka_unit_test(test_messages),   cmocka_unit_test(test_long_word),
		cmocka_unit_test(test_no_argv),	   cmocka_unit_test(test_help),
		cmocka_unit_test(test_as_tcpdump), cmocka_unit_test(test_table)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

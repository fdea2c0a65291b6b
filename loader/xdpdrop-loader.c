// SPDX-License-Identifier: GPL-2.0-only
/*
 * xdpdrop-loader: shows status, cleans up, and loads programs. Each command is one descriptor; its
 * work is done by libxdpdrop.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <xdpdrop/interface.h>

#include "common/hint.h"
#include "common/look.h"
#include "common/report.h"
#include "common/text.h"
#include "options/cmdline.h"

/* Also in xdpdrop-loader(8). */
enum status { STATUS_OK, STATUS_FAILED, STATUS_MISUSE };

struct loader {
	struct report report;
	struct xdpdrop *session;
	struct xdpdrop_load_opts load;
	__u32 id;
	bool all, json, help, version;
	const char *netns;
	unsigned int verbose;
	const char *words[2]; /* interface and object, or NULL */
};

struct command {
	const char *name;
	const char *words; /* arguments, for messages */
	const char *help;
	const char *examples; /* three lines */
	const struct cmdline_option *options;
	unsigned int min_words, max_words;
	int (*run)(struct loader *loader); /* 0 or a positive number, or -errno */
};

#define FIELD(name) .field = offsetof(struct loader, name)
#define COMMON_OPTIONS                                                                             \
	{ .name = "netns",                                                                         \
	  .argument = "NAME|PID|PATH",                                                             \
	  .help = "interfaces of this network namespace: of ip-netns(8),\n"                        \
		  "of a process, or a file",                                                       \
	  .parse = cmdline_string,                                                                 \
	  FIELD(netns) },                                                                          \
		{ 'v',		 "verbose",                                                        \
		  NULL,		 "print more; -vv also what libbpf and libxdp print",              \
		  cmdline_count, FIELD(verbose) },                                                 \
		{ 'V',		"version",	NULL,	     "print the version",                  \
		  cmdline_flag, FIELD(version), .last = true },                                    \
		{ 'h', "help", NULL, "print this", cmdline_flag, FIELD(help), .last = true },      \
	{                                                                                          \
		0                                                                                  \
	}

static const struct cmdline_option common_options[] = { COMMON_OPTIONS };

static const struct cmdline_option look_options[] = {
	{ 0, "json", NULL, "print JSON, as xdpdrop-loader(8) describes it", cmdline_flag,
	  FIELD(json) },
	COMMON_OPTIONS,
};

static const struct cmdline_option load_options[] = {
	{ 'm', "mode", "native|skb|unspecified", "where to run the program (default native)",
	  cmdline_choice, FIELD(load.mode) },
	{ 'n', "prog-name", "NAME", "program of the object (default its first)", cmdline_string,
	  FIELD(load.program) },
	{ 'p', "pin-path", "DIR", "directory of the BPF file system to pin its maps in",
	  cmdline_string, FIELD(load.pin_dir) },
	{ 'P', "prio", "NUMBER", "run priority in libxdp's dispatcher, lower runs first",
	  cmdline_u32, FIELD(load.prio), .min = 1, .max = 65535 },
	COMMON_OPTIONS,
};

static const struct cmdline_option unload_options[] = {
	{ 'i', "id", "ID", "the program to detach", cmdline_u32, FIELD(id), .min = 1,
	  .max = 0xffffffff },
	{ 'a', "all", NULL, "every program whose name begins with xdpdrop_", cmdline_flag,
	  FIELD(all) },
	COMMON_OPTIONS,
};

/* The interface's name may come from another source. */
static void loader_print_about(const struct loader *loader, const char *what, int number,
			       const char *unit)
{
	char line[128];

	snprintf(line, sizeof(line), "%.32s: %s %d%s", loader->words[0], what, number, unit);
	text_put_line(NULL, line);
}

static int loader_run_status(struct loader *loader)
{
	if (loader->json)
		return look_interfaces(stdout, loader->session, loader->words[0], NULL);
	return xdpdrop_status(loader->session, loader->words[0], text_put_line, NULL);
}

static int loader_run_features(struct loader *loader)
{
	if (loader->json)
		return look_features(stdout, loader->session, loader->words[0]);
	return xdpdrop_features(loader->session, loader->words[0], text_put_line, NULL);
}

static int loader_run_clean(struct loader *loader)
{
	int removed = xdpdrop_clean(loader->session, loader->words[0], text_put_line, NULL);

	if (!removed)
		puts("nothing to remove");
	return removed;
}

static int loader_run_load(struct loader *loader)
{
	int id;

	loader->load.size = sizeof(loader->load);
	loader->load.object = loader->words[1];
	id = xdpdrop_load(loader->session, loader->words[0], &loader->load);
	if (id > 0)
		loader_print_about(loader, "attached program id", id, "");
	return id;
}

static int loader_run_unload(struct loader *loader)
{
	int count = xdpdrop_unload(loader->session, loader->words[0], loader->id);

	if (count > 0)
		loader_print_about(loader, "detached", count,
				   count == 1 ? " program" : " programs");
	return count;
}

#define EXAMPLE "  xdpdrop-loader "
static const struct command commands[] = {
	{ "status", "[ifname]", "list programs, their hooks and who captures from them",
	  EXAMPLE "status\n" EXAMPLE "status eth0\n" EXAMPLE "status --json | jq .\n", look_options,
	  0, 1, loader_run_status },
	{ "features", "[ifname]", "list what the kernel can do, and which taps would work",
	  EXAMPLE "features\n" EXAMPLE "features eth0\n" EXAMPLE
		  "features --json eth0 | jq .interfaces\n",
	  look_options, 0, 1, loader_run_features },
	{ "clean", "[ifname]", "remove what killed captures have left",
	  EXAMPLE "clean\n" EXAMPLE "clean eth0\n" EXAMPLE "clean --netns pod\n", common_options, 0,
	  1, loader_run_clean },
	{ "load", "<ifname> <object>", "attach a program beside those that are there",
	  EXAMPLE "load eth0 ./firewall.bpf.o\n" EXAMPLE
		  "load -m skb -n main eth0 ./firewall.bpf.o\n" EXAMPLE
		  "load -P 59 eth0 xdpdrop_tag.bpf.o\n",
	  load_options, 2, 2, loader_run_load },
	{ "unload", "<ifname>", "detach programs (with -i or -a)",
	  EXAMPLE "unload -i 114 eth0\n" EXAMPLE "unload -a eth0\n" EXAMPLE
		  "unload --netns pod -i 114 eth0\n",
	  unload_options, 1, 1, loader_run_unload },
};
#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static void loader_print_usage(FILE *stream)
{
	fputs("Usage: xdpdrop-loader [-v] <command> [options] ...\n\nCommands:\n", stream);
	for (size_t i = 0; i < COMMANDS; i++)
		fprintf(stream, "  %-8s %-18s %s\n", commands[i].name, commands[i].words,
			commands[i].help);
	fputs("\n", stream);
	cmdline_print(stream, common_options);
	fputs("\n'xdpdrop-loader <command> --help' lists a command's options.\n"
	      "\nExamples:\n"
	      "  xdpdrop-loader status              which programs run, and what is captured\n"
	      "  xdpdrop-loader features eth0       why a tap does not work on eth0\n"
	      "  xdpdrop-loader clean               remove what a killed capture has left\n\n"
	      "The manual page is xdpdrop-loader(8).\n",
	      stream);
}

static void loader_print_command(FILE *stream, const struct command *command)
{
	fprintf(stream, "Usage: xdpdrop-loader %s [options] %s\n\n%c%s.\n\n", command->name,
		command->words, command->help[0] - 'a' + 'A', command->help + 1);
	cmdline_print(stream, command->options);
	fprintf(stream, "\nExamples:\n%s", command->examples);
}

static const struct command *loader_find_command(const char *name)
{
	for (size_t i = 0; i < COMMANDS; i++)
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	return NULL;
}

static int loader_fail(struct loader *loader, int err)
{
	/* the kernel returns EINVAL for most attach errors */
	const char *hint = hint_after(err == -EINVAL ? -EOPNOTSUPP : err, loader->verbose);
	bool file = err == -ENOENT; /* of load, which -D does not explain */

	if (!loader->report.errors)
		report_error(&loader->report, "%s", strerror(-err));
	else if (hint && !file)
		report_info(&loader->report, "%s", hint);
	return STATUS_FAILED;
}

static int loader_run_command(struct loader *loader, const struct command *command)
{
	int err = xdpdrop_new(&loader->session);
	bool misuse;

	if (err)
		return loader_fail(loader, err);
	xdpdrop_set_log(loader->session, report_log, &loader->report,
			report_level(loader->verbose));
	xdpdrop_set_hints(loader->session, hint_complete, NULL);
	if (loader->netns)
		err = xdpdrop_set_netns(loader->session, loader->netns);
	misuse = err == -EINVAL;
	if (!err)
		err = command->run(loader);
	xdpdrop_free(loader->session);
	err = err < 0 ? loader_fail(loader, err) : STATUS_OK;
	return misuse ? STATUS_MISUSE : err;
}

/* Take the arguments after the options of @command. */
static int loader_take_words(struct loader *loader, const struct command *command, int count,
			     char *const *words, struct cmdline_error *error)
{
	if (count < (int)command->min_words)
		return cmdline_fail(error, "%s: needs %s; see xdpdrop-loader %s --help",
				    command->name, command->words, command->name);
	if (count > (int)command->max_words)
		return cmdline_fail(error, "%s: unexpected argument '%.64s'", command->name,
				    words[command->max_words]);
	for (int i = 0; i < count; i++)
		loader->words[i] = words[i];
	if (command->options == unload_options && !loader->id == !loader->all)
		return cmdline_fail(error, "unload: needs either -i ID or -a");
	return 0;
}

static int loader_parse(struct loader *loader, const struct command *command, int argc, char **argv,
			struct cmdline_error *error)
{
	int first = cmdline_parse(command->options, argc, argv, loader, error);

	if (first < 0 || loader->help || loader->version)
		return first < 0 ? first : 0;
	return loader_take_words(loader, command, argc - first, argv + first, error);
}

/*
 * Index of the first word that is neither an option nor an option's value; @argc if there is none.
 */
static int loader_find_word(int argc, char *const *argv)
{
	int at = 1;

	while (at < argc && argv[at][0] == '-' && argv[at][1])
		at += strcmp(argv[at], "--netns") ? 1 : 2;
	return at < argc ? at : argc;
}

/* Parse a command line without a command, which has only common options. */
static int loader_parse_top(struct loader *loader, int at, int argc, char **argv,
			    struct cmdline_error *error)
{
	int first = cmdline_parse(common_options, at, argv, loader, error);

	if (first < 0)
		return first;
	if (loader->help || loader->version)
		return 0;
	if (at < argc)
		return cmdline_fail(error, "there is no command '%.64s'; see --help", argv[at]);
	return cmdline_fail(error, "no command; see --help");
}

/* Move options before the command's name behind it. */
static void loader_put_first(char **argv, int at)
{
	char *name = argv[at];

	memmove(argv + 2, argv + 1, (at - 1) * sizeof(*argv));
	argv[1] = name;
}

static int loader_run(struct loader *loader, int argc, char **argv)
{
	int err, at = loader_find_word(argc, argv);
	const struct command *command = at < argc ? loader_find_command(argv[at]) : NULL;
	struct cmdline_error error = { 0 };

	if (command) {
		loader_put_first(argv, at);
		err = loader_parse(loader, command, argc - 1, argv + 1, &error);
	} else {
		err = loader_parse_top(loader, at, argc, argv, &error);
	}
	if (err) {
		report_error(&loader->report, "%s", error.text);
		return STATUS_MISUSE;
	}
	if (loader->version)
		printf("xdpdrop-loader %s, libxdpdrop %s\n", XDPDROP_VERSION, xdpdrop_version());
	else if (loader->help && command)
		loader_print_command(stdout, command);
	else if (loader->help)
		loader_print_usage(stdout);
	else
		return loader_run_command(loader, command);
	return STATUS_OK;
}

int main(int argc, char **argv)
{
	struct loader loader = { .report = { .stream = stderr, .program = "xdpdrop-loader" } };
	int status;

	report_open_standard();
	status = loader_run(&loader, argc, argv);
	return report_flush(&loader.report) ? STATUS_FAILED : status;
}

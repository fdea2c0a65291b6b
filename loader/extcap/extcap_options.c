// SPDX-License-Identifier: GPL-2.0-only
/*
 * The options of xdpdrop-extcap. Wireshark passes an empty argument for a field that is empty.
 */
#include <errno.h>
#include <string.h>

#include "extcap/extcap_options.h"
#include "options/common_options.h"

#define FIELD(name) .field = offsetof(struct extcap_options, name)

static int extcap_take_text(const struct cmdline_option *entry, const char *value, void *field,
			    struct cmdline_error *error)
{
	(void)entry, (void)error;
	*(const char **)field = *value ? value : NULL;
	return 0;
}

static const struct cmdline_option table[] = {
	{ 0, "extcap-interfaces", NULL, "list the interfaces to capture on", cmdline_flag,
	  FIELD(interfaces) },
	{ 0, "extcap-version", "VERSION", "Wireshark's version", extcap_take_text,
	  FIELD(wireshark) },
	{ 0, "extcap-interface", "INTERFACE", "the interface, as listed", extcap_take_text,
	  FIELD(interface) },
	{ 0, "extcap-dlts", NULL, "print its link type", cmdline_flag, FIELD(dlts) },
	{ 0, "extcap-config", NULL, "print the options of its captures", cmdline_flag,
	  FIELD(config) },
	{ 0, "extcap-reload-option", "OPTION",
	  "with --extcap-config, print only the values of this\n"
	  "option",
	  extcap_take_text, FIELD(reload) },
	{ 0, "extcap-capture-filter", "FILTER",
	  "the filter of the capture; without --capture, print\n"
	  "what is wrong with it",
	  extcap_take_text, FIELD(filter) },
	{ 0, "capture", NULL, "capture", cmdline_flag, FIELD(capture) },
	{ 0, "fifo", "FILE", "where the frames go", extcap_take_text, FIELD(fifo) },
	{ 0, "extcap-control-in", "FILE", "messages from the toolbar, which are ignored",
	  extcap_take_text, FIELD(control_in) },
	{ 0, "extcap-control-out", "FILE", "messages to the toolbar: the capture's log",
	  extcap_take_text, FIELD(control_out) },
	{ 0, "tap", "TAP", "-t of xdpdrop-capture(8)", extcap_take_text, FIELD(tap) },
	{ 0, "program", "NAME|ID", "-p of xdpdrop-capture(8)", extcap_take_text, FIELD(program) },
	{ 0, "reasons", "LIST", "--reason of xdpdrop-capture(8)", extcap_take_text,
	  FIELD(reasons) },
	{ 0, "verdicts", "LIST", "-a of xdpdrop-capture(8)", extcap_take_text, FIELD(verdicts) },
	{ 0, "snaplen", "BYTES", "-s of xdpdrop-capture(8)", extcap_take_text, FIELD(snaplen) },
	{ 0, "sample", "N", "--sample of xdpdrop-capture(8)", extcap_take_text, FIELD(sample) },
	{ 0, "netns", "NAME|PID|PATH", "--netns of xdpdrop-capture(8)", extcap_take_text,
	  FIELD(netns) },
	COMMON_END_OPTIONS,
	{ 0 },
};

static int extcap_check(const struct extcap_options *options, const char *word,
			struct cmdline_error *error)
{
	if (word)
		return cmdline_fail(error, "takes no arguments; leave out '%.64s'", word);
	if (options->interfaces)
		return 0;
	if (!options->dlts && !options->config && !options->capture && !options->filter)
		return cmdline_fail(error, "is started by Wireshark and tshark; to capture by "
					   "hand, use xdpdrop-capture");
	if (!options->interface)
		return cmdline_fail(error, "no --extcap-interface");
	if (options->capture && !options->fifo)
		return cmdline_fail(error, "no --fifo");
	return 0;
}

int extcap_options_parse(int argc, char **argv, struct extcap_options *options,
			 struct cmdline_error *error)
{
	int first;

	memset(options, 0, sizeof(*options));
	first = cmdline_parse(table, argc, argv, options, error);
	if (first < 0)
		return first;
	if (options->help || options->version)
		return 0;
	return extcap_check(options, argv[first], error);
}

void extcap_options_help(FILE *stream)
{
	fputs("Usage: xdpdrop-extcap --extcap-interfaces\n"
	      "       xdpdrop-extcap --extcap-interface INTERFACE --extcap-dlts|--extcap-config\n"
	      "       xdpdrop-extcap --extcap-interface INTERFACE --capture --fifo FILE [options]\n"
	      "\n"
	      "Captures the frames that XDP programs drop for Wireshark, which starts it.\n"
	      "\n",
	      stream);
	cmdline_print(stream, table);
	fputs("\nExamples:\n"
	      "  tshark -D                                lists its interfaces, too\n"
	      "  tshark -i xdpdrop:eth0                   what is dropped on eth0\n"
	      "  wireshark -k -i xdpdrop:eth0             the same in a window\n"
	      "\nThe manual page is xdpdrop-extcap(8).\n",
	      stream);
}

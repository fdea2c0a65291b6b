// SPDX-License-Identifier: GPL-2.0-only
/*
 * A field of the library's options is known by the option that fills it.
 */
#include <stdio.h>

#include "options/session_options.h"

/* "-s", or "--sample" where there is no letter. */
struct option_name {
	char text[32];
};

static struct option_name session_option_at(const struct cmdline_option *entry, size_t offset)
{
	struct option_name name;

	while (entry->name && entry->field != offset)
		entry++;
	if (entry->letter)
		snprintf(name.text, sizeof(name.text), "-%c", entry->letter);
	else
		snprintf(name.text, sizeof(name.text), "--%s", entry->name ? entry->name : "");
	return name;
}

int session_options_check(const struct cmdline_option *table, size_t offset,
			  const struct xdpdrop_opts *opts, const struct xdpdrop_output *output,
			  struct cmdline_error *error)
{
	struct xdpdrop_opts_error wrong = { .size = sizeof(wrong) };

	if (!xdpdrop_check_opts(opts, output, &wrong))
		return 0;
	if (!wrong.other)
		return cmdline_fail(error, "option %s: %s",
				    session_option_at(table, offset + wrong.field).text,
				    wrong.text);
	return cmdline_fail(error, "options %s and %s%s%s",
			    session_option_at(table, offset + wrong.field).text,
			    session_option_at(table, offset + wrong.other).text,
			    wrong.text[0] ? ": " : " exclude each other", wrong.text);
}

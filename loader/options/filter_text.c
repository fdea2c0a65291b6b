// SPDX-License-Identifier: GPL-2.0-only
/*
 * A filter that is lost would let all frames match: that it is missing is not the same as that it
 * could not be read.
 */
#include <errno.h>
#include <string.h>

#include "options/expression.h"
#include "options/filter_text.h"

int filter_text_check(char *const *words, const char *file, struct cmdline_error *error)
{
	if (file && words[0])
		return cmdline_fail(error, "option -f: the command line has a filter, too: '%.64s'",
				    words[0]);
	return 0;
}

static int filter_text_read(const char *file, struct report *report, char **text)
{
	const char *wrong;
	char *read = expression_read(file, &wrong);

	if (!read) {
		report_error(report, "cannot read the filter from %s: %s%s", file, wrong,
			     expression_hint(file));
		return -EINVAL;
	}
	*text = read;
	return 0;
}

int filter_text_take(char *const *words, const char *file, struct report *report, char **text)
{
	char *joined;

	*text = NULL;
	if (file)
		return filter_text_read(file, report, text);
	if (!words || !words[0])
		return 0;
	joined = expression_join(words);
	if (!joined) {
		report_error(report, "cannot take the filter: %s", strerror(ENOMEM));
		return -ENOMEM;
	}
	*text = joined;
	return 0;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * The library checks the text of triggers.
 */
#include "capture/history_options.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NOT_GIVEN (~0ULL)
#define AFTER_MS 5000
#define HOLDOFF_MS 60000
#define DEFAULT_BYTES (64ULL * 1024 * 1024)
#define LEAST_BYTES (1024ULL * 1024)
#define MOST_BYTES (1ULL << 40)
#define MOST_SECONDS (366ULL * 24 * 3600)

void history_options_init(struct history_options *options)
{
	*options = (struct history_options){
		.history = { .size = sizeof(options->history) },
		.after_ms = NOT_GIVEN,
		.holdoff_ms = NOT_GIVEN,
	};
}

/* "30s"; @text has @length characters. */
static bool history_parse_time(const char *text, size_t length, __u32 *seconds)
{
	unsigned long long number = strtoull(text, NULL, 10);

	if (length < 2 || length > 9 || text[length - 1] != 's' ||
	    strspn(text, "0123456789") != length - 1 || !number || number > MOST_SECONDS)
		return false;
	*seconds = number;
	return true;
}

/* "64m": its unit is needed, or a number of seconds would be taken for millions of bytes. */
static bool history_parse_bytes(const struct cmdline_option *entry, const char *text, size_t length,
				__u64 *bytes)
{
	const struct cmdline_option range = { .name = entry->name,
					      .min = LEAST_BYTES,
					      .max = MOST_BYTES };
	struct cmdline_error ignored;
	char copy[24];

	if (length < 2 || length >= sizeof(copy) || !strchr("kKmMgG", text[length - 1]))
		return false;
	memcpy(copy, text, length);
	copy[length] = '\0';
	return !cmdline_size(&range, copy, bytes, &ignored);
}

int history_options_parse_size(const struct cmdline_option *entry, const char *value, void *field,
			       struct cmdline_error *error)
{
	struct history_options *options = field;
	const char *at = value;

	options->asked = true;
	for (;; at++) {
		size_t length = strcspn(at, ",");

		if (!history_parse_time(at, length, &options->history.seconds) &&
		    !history_parse_bytes(entry, at, length, &options->history.bytes))
			break;
		at += length;
		if (!*at)
			return 0;
	}
	return cmdline_fail(error,
			    "'%.64s' is not a size from 1m to 1024g, a time like 30s, or both with "
			    "a comma",
			    value);
}

int history_options_parse_trigger(const struct cmdline_option *entry, const char *value,
				  void *field, struct cmdline_error *error)
{
	struct history_options *options = field;

	(void)entry;
	if (options->triggers == HISTORY_TRIGGERS)
		return cmdline_fail(error, "more than %d of them", HISTORY_TRIGGERS);
	options->trigger[options->triggers++] = value;
	return 0;
}

bool history_options_ask(const struct history_options *options)
{
	return options->asked || options->triggers || options->commands ||
	       options->after_ms != NOT_GIVEN || options->holdoff_ms != NOT_GIVEN;
}

/* Bytes of all of this machine's memory; 0: unknown. */
static __u64 history_memory(void)
{
	long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);

	return pages > 0 && page > 0 ? (__u64)pages * page : 0;
}

static bool history_has_trigger(const struct history_options *options, const char *text)
{
	for (unsigned int i = 0; i < options->triggers; i++)
		if (!strcmp(options->trigger[i], text))
			return true;
	return false;
}

int history_options_check(struct history_options *options, const struct xdpdrop_files *files,
			  bool exceptions, struct cmdline_error *error)
{
	__u64 bytes = options->history.bytes ? options->history.bytes : DEFAULT_BYTES;
	__u64 memory = history_memory();

	if (files->bytes || files->seconds)
		return cmdline_fail(error, "options -%c and --history: each trigger begins a file",
				    files->bytes ? 'C' : 'G');
	if (memory && bytes >= memory)
		return cmdline_fail(
			error,
			"option --history: %llu MiB do not fit into this machine's memory "
			"of %llu MiB",
			bytes >> 20, memory >> 20);
	if (files->max_bytes && bytes > files->max_bytes / 2)
		return cmdline_fail(error, "options --history and --max-bytes: there is no room "
					   "for a file of twice the history");
	if (history_has_trigger(options, "exception") && !exceptions)
		return cmdline_fail(error, "option --trigger: 'exception' needs exceptions, as by "
					   "-a aborted,drop,exception");
	options->history.bytes = bytes;
	options->history.after_ms = options->after_ms == NOT_GIVEN ? AFTER_MS : options->after_ms;
	options->history.holdoff_ms =
		options->holdoff_ms == NOT_GIVEN ? HOLDOFF_MS : options->holdoff_ms;
	options->history.triggers = options->trigger;
	return 0;
}

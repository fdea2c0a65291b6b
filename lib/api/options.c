// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Checks the ranges and conflicts of a capture's options, and sets defaults. No other file checks
 * them.
 */
#include <errno.h>
#include <linux/bpf.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/options.h"
#include "api/sized.h"
#include "control.h"
#include "tap/tap_select.h"

#define ALL_ACTIONS ((1U << (XDP_REDIRECT + 1)) - 1)
#define MAX_RATE 10000000

#define AT(field) offsetof(struct xdpdrop_opts, field)

/* Ranges of numeric fields. 0 is the default and not checked. */
static const struct options_range {
	size_t field;
	__u32 min, max;
	unsigned int parts; /* messages show the value divided by this */
	const char *unit;
} options_ranges[] = {
	{ AT(snaplen), 1, XDPDROP_MAX_CAPLEN, 1, "" },
	{ AT(buffer_kib), 256, 1024 * 1024, 1, "" },
	{ AT(sample), 1, XDPDROP_MAX_SAMPLE, 1, "" },
	{ AT(rate), 1, MAX_RATE, 1, "" },
	{ AT(reason_rate), 1, MAX_RATE, 1, "" },
	{ AT(max_overhead), 1, 100 * 1000, 1000, " percent" },
};

static const struct {
	size_t field;
	const char *name;
} options_names[] = {
	{ AT(tap), "tap" },
	{ AT(hook_pin), "hook_pin" },
	{ AT(program), "program" },
	{ AT(actions), "actions" },
	{ AT(snaplen), "snaplen" },
	{ AT(buffer_kib), "buffer_kib" },
	{ AT(untagged), "untagged" },
	{ AT(only_reasons), "only_reasons" },
	{ AT(not_reasons), "not_reasons" },
	{ AT(sample), "sample" },
	{ AT(rate), "rate" },
	{ AT(reason_rate), "reason_rate" },
	{ AT(max_overhead), "max_overhead" },
	{ AT(only_rules), "only_rules" },
	{ AT(unsafe_hook), "unsafe_hook" },
	{ AT(count_only), "count_only" },
};

static const size_t options_strings[] = { AT(hook_pin),	  AT(program),	  AT(reasons),
					  AT(filter),	  AT(only_rules), AT(only_reasons),
					  AT(not_reasons) };

static const char *options_name(size_t field)
{
	for (size_t i = 0; i < sizeof(options_names) / sizeof(options_names[0]); i++)
		if (options_names[i].field == field)
			return options_names[i].name;
	return "size";
}

/* @other: the field that excludes @field; 0: the value itself is wrong. Returns -EINVAL. */
__attribute__((format(printf, 4, 5))) static int
options_fail(struct xdpdrop_opts_error *error, size_t field, size_t other, const char *format, ...)
{
	va_list args;

	error->field = field;
	error->other = other;
	va_start(args, format);
	vsnprintf(error->text, sizeof(error->text), format, args);
	va_end(args);
	return -EINVAL;
}

static int options_check_ranges(const struct xdpdrop_opts *opts, struct xdpdrop_opts_error *error)
{
	for (size_t i = 0; i < sizeof(options_ranges) / sizeof(options_ranges[0]); i++) {
		const struct options_range *range = &options_ranges[i];
		double parts = range->parts;
		__u32 value;

		memcpy(&value, (const char *)opts + range->field, sizeof(value));
		if (value && (value < range->min || value > range->max))
			return options_fail(error, range->field, 0,
					    "%.10g is not between %.10g and %.10g%s", value / parts,
					    range->min / parts, range->max / parts, range->unit);
	}
	return 0;
}

/* @what: reasons or rules, at most @most of them. */
static int options_check_list(const char *list, size_t field, const char *what, unsigned int most,
			      struct xdpdrop_opts_error *error)
{
	unsigned int count = 1;

	for (const char *at = list; at && *at; at++)
		count += *at == ',';
	if (!list)
		return 0;
	if (!*list || *list == ',' || strstr(list, ",,") || list[strlen(list) - 1] == ',')
		return options_fail(error, field, 0, "an empty name in the list '%.64s'", list);
	if (count > most)
		return options_fail(error, field, 0, "%u %s in the list; there is room for %u",
				    count, what, most);
	return 0;
}

/* Of frames that are captured. */
static const size_t options_of_frames[] = { AT(snaplen), AT(buffer_kib),  AT(sample),
					    AT(rate),	 AT(reason_rate), AT(max_overhead) };

static int options_check_counting(const struct xdpdrop_opts *opts, bool output,
				  struct xdpdrop_opts_error *error)
{
	if (!opts->count_only)
		return 0;
	if (output)
		return options_fail(error, AT(count_only), 0,
				    "no frames are captured, which an output could be given");
	for (size_t i = 0; i < sizeof(options_of_frames) / sizeof(options_of_frames[0]); i++) {
		__u32 value;

		memcpy(&value, (const char *)opts + options_of_frames[i], sizeof(value));
		if (value)
			return options_fail(error, options_of_frames[i], AT(count_only),
					    "no frames are captured");
	}
	return 0;
}

/* @tap: the requested tap, NULL: any. */
static int options_check_conflicts(const struct xdpdrop_opts *opts, const struct tap *tap,
				   struct xdpdrop_opts_error *error)
{
	if (opts->hook_pin && tap && tap != &tap_hook)
		return options_fail(error, AT(hook_pin), AT(tap),
				    "only tap hook captures from a pinned hook");
	if (opts->untagged && tap && tap != &tap_tag)
		return options_fail(error, AT(untagged), AT(tap),
				    "only tap tag captures frames without a tag");
	if (opts->unsafe_hook && !opts->hook_pin)
		return options_fail(error, AT(unsafe_hook), 0, "there is no pinned hook");
	if (opts->hook_pin && opts->untagged)
		return options_fail(error, AT(hook_pin), AT(untagged), "%s", "");
	if (opts->hook_pin && opts->program)
		return options_fail(error, AT(hook_pin), AT(program), "%s", "");
	if (opts->only_reasons && opts->not_reasons)
		return options_fail(error, AT(only_reasons), AT(not_reasons), "%s", "");
	return 0;
}

static bool options_is_automatic(const struct xdpdrop_opts *opts)
{
	return !opts->tap || !strcmp(opts->tap, "auto");
}

static int options_check(const struct xdpdrop_opts *opts, const struct xdpdrop_output *output,
			 struct xdpdrop_opts_error *error)
{
	const struct tap *tap = options_is_automatic(opts) ? NULL : tap_select_find(opts->tap);
	int err;

	if (!tap && !options_is_automatic(opts))
		return options_fail(error, AT(tap), 0,
				    "there is no tap '%.64s', only auto, hook, tag, exit, wrap",
				    opts->tap);
	if (opts->actions & ~(ALL_ACTIONS | XDPDROP_EXCEPTIONS))
		return options_fail(error, AT(actions), 0, "0x%x has bits beyond XDP_REDIRECT",
				    opts->actions);
	if (opts->actions & XDPDROP_EXCEPTIONS && output && output->format == XDPDROP_PCAP)
		return options_fail(error, AT(actions), 0,
				    "pcap cannot store exceptions, which carry no frame; use "
				    "pcapng");
	err = options_check_ranges(opts, error);
	if (err)
		return err;
	err = options_check_list(opts->only_reasons, AT(only_reasons), "reasons",
				 XDPDROP_MAX_REASONS, error);
	if (err)
		return err;
	err = options_check_list(opts->not_reasons, AT(not_reasons), "reasons", XDPDROP_MAX_REASONS,
				 error);
	if (err)
		return err;
	err = options_check_list(opts->only_rules, AT(only_rules), "rules", XDPDROP_MAX_RULES,
				 error);
	if (err)
		return err;
	err = options_check_counting(opts, output != NULL, error);
	return err ? err : options_check_conflicts(opts, tap, error);
}

int xdpdrop_check_opts(const struct xdpdrop_opts *opts, const struct xdpdrop_output *output,
		       struct xdpdrop_opts_error *error)
{
	struct xdpdrop_opts_error found = { 0 };
	struct xdpdrop_output known_output;
	struct xdpdrop_opts known;
	int err = sized_read(&known, sizeof(known), opts);

	if (err)
		options_fail(&found, 0, 0, "unknown to this library");
	if (!err && output)
		err = sized_read(&known_output, sizeof(known_output), output);
	if (!err)
		err = options_check(&known, output ? &known_output : NULL, &found);
	if (err && error)
		sized_write(error, &found, sizeof(found));
	return err;
}

static int options_log(const struct xdpdrop_opts_error *error, const struct log *log)
{
	const char *name = options_name(error->field);

	if (!error->other)
		return log_error(log, -EINVAL, "field %s: %s", name, error->text);
	return log_error(log, -EINVAL, "fields %s and %s%s%s", name, options_name(error->other),
			 error->text[0] ? ": " : " exclude each other", error->text);
}

/* Replace the caller's strings by copies. */
static int options_copy_strings(struct xdpdrop_opts *opts)
{
	int err = 0;

	for (size_t i = 0; i < sizeof(options_strings) / sizeof(options_strings[0]); i++) {
		char **string = (char **)((char *)opts + options_strings[i]);

		if (!*string)
			continue;
		*string = strdup(*string);
		err = *string ? err : -ENOMEM;
	}
	return err;
}

static const struct tap *options_tap(const struct xdpdrop_opts *opts)
{
	if (!options_is_automatic(opts))
		return tap_select_find(opts->tap);
	/* only tag members get frames without a tag */
	return opts->untagged ? &tap_tag : NULL;
}

int options_complete(struct xdpdrop_opts *complete, const struct tap **tap,
		     const struct xdpdrop_opts *given, const struct xdpdrop_output *output,
		     const struct log *log)
{
	struct xdpdrop_opts known = { .size = sizeof(known) };
	struct xdpdrop_opts_error error = { .size = sizeof(error) };
	int err;

	if (given && xdpdrop_check_opts(given, output, &error))
		return options_log(&error, log);
	if (given)
		sized_read(&known, sizeof(known), given);
	*complete = known;
	complete->size = sizeof(*complete);
	complete->tap = NULL;
	complete->actions = known.actions ?: 1U << XDP_ABORTED | 1U << XDP_DROP;
	complete->snaplen = known.snaplen ?: XDPDROP_MAX_CAPLEN;
	complete->sample = known.sample ?: 1;
	*tap = options_tap(&known);
	err = options_copy_strings(complete);
	if (err)
		options_free(complete);
	return err;
}

void options_free(struct xdpdrop_opts *opts)
{
	for (size_t i = 0; i < sizeof(options_strings) / sizeof(options_strings[0]); i++)
		free(*(char **)((char *)opts + options_strings[i]));
	*opts = (struct xdpdrop_opts){ 0 };
}

// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Defaults and ranges of a capture's options.
 */
#include <errno.h>
#include <linux/bpf.h>
#include <stdlib.h>
#include <string.h>

#include "tap/tap_select.h"
#include "control.h"
#include "api/options.h"

#define ALL_ACTIONS ((1U << (XDP_REDIRECT + 1)) - 1)
#define MAX_BUFFER_KIB (1024U * 1024)
#define MAX_RATE 10000000U
#define MAX_OVERHEAD 100000U

/* Fields that a newer caller knows and we do not must be at their default. */
static int options_copy_known(struct xdpdrop_opts *known, const struct xdpdrop_opts *given)
{
	const char *bytes = (const char *)given;

	if (!given)
		return 0;
	for (size_t i = sizeof(*known); i < given->size; i++)
		if (bytes[i])
			return -EINVAL;
	memcpy(known, given, given->size < sizeof(*known) ? given->size : sizeof(*known));
	return 0;
}

static unsigned int options_reason_count(const char *list)
{
	unsigned int count = list != NULL;

	for (; list && *list; list++)
		count += *list == ',';
	return count;
}

static bool options_has_empty(const char *list)
{
	return list &&
	       (!*list || *list == ',' || strstr(list, ",,") || list[strlen(list) - 1] == ',');
}

static int options_check(const struct xdpdrop_opts *opts, const struct log *log)
{
	if (opts->tap && !tap_select_known(opts->tap))
		return log_error(log, -EINVAL, "there is no tap named %s", opts->tap);
	if (opts->actions & ~(ALL_ACTIONS | XDPDROP_EXCEPTIONS))
		return log_error(log, -EINVAL, "actions 0x%x has bits beyond XDP_REDIRECT",
				 opts->actions);
	if (opts->snaplen > XDPDROP_MAX_CAPLEN)
		return log_error(log, -EINVAL, "snap length %u is above %d", opts->snaplen,
				 XDPDROP_MAX_CAPLEN);
	if (opts->buffer_kib > MAX_BUFFER_KIB)
		return log_error(log, -EINVAL, "a buffer of %u KiB per CPU is above %u KiB",
				 opts->buffer_kib, MAX_BUFFER_KIB);
	if (opts->hook_pin && opts->tap && strcmp(opts->tap, "auto") && strcmp(opts->tap, "hook"))
		return log_error(log, -EINVAL, "a pinned hook is for tap hook, not %s", opts->tap);
	if (opts->untagged && opts->tap && strcmp(opts->tap, "auto") && strcmp(opts->tap, "tag"))
		return log_error(log, -EINVAL, "untagged frames are for tap tag, not %s",
				 opts->tap);
	if (options_reason_count(opts->only_reasons) > XDPDROP_MAX_REASONS ||
	    options_reason_count(opts->not_reasons) > XDPDROP_MAX_REASONS)
		return log_error(log, -EINVAL, "more than %d reasons in a list",
				 XDPDROP_MAX_REASONS);
	if (options_has_empty(opts->only_reasons) || options_has_empty(opts->not_reasons))
		return log_error(log, -EINVAL, "an empty name in the list of reasons '%s'",
				 opts->only_reasons ?: opts->not_reasons);
	if (opts->only_reasons && opts->not_reasons)
		return log_error(log, -EINVAL, "either reasons to capture or reasons to leave out");
	return 0;
}

static int options_check_limits(const struct xdpdrop_opts *opts, const struct log *log)
{
	if (opts->sample > XDPDROP_MAX_SAMPLE)
		return log_error(log, -EINVAL, "a sample of 1 in %u is beyond 1 in %d",
				 opts->sample, XDPDROP_MAX_SAMPLE);
	if (opts->rate > MAX_RATE || opts->reason_rate > MAX_RATE)
		return log_error(log, -EINVAL, "a rate of %u frames a second is above %u",
				 opts->rate > MAX_RATE ? opts->rate : opts->reason_rate, MAX_RATE);
	if (opts->max_overhead > MAX_OVERHEAD)
		return log_error(log, -EINVAL, "an overhead above 100 percent of a CPU's time");
	return 0;
}

static int options_copy_string(const char **copy, const char *string)
{
	*copy = string ? strdup(string) : NULL;
	return string && !*copy ? -ENOMEM : 0;
}

static int options_copy_strings(struct xdpdrop_opts *opts, const struct xdpdrop_opts *known)
{
	bool automatic = !known->tap || !strcmp(known->tap, "auto");
	/* only a tag member meets frames without a tag */
	int err = options_copy_string(&opts->tap, !automatic	  ? known->tap :
						  known->untagged ? "tag" :
								    "auto");

	err = err ?: options_copy_string(&opts->hook_pin, known->hook_pin);
	err = err ?: options_copy_string(&opts->program, known->program);
	err = err ?: options_copy_string(&opts->reasons, known->reasons);
	err = err ?: options_copy_string(&opts->filter, known->filter);
	err = err ?: options_copy_string(&opts->only_reasons, known->only_reasons);
	return err ?: options_copy_string(&opts->not_reasons, known->not_reasons);
}

int options_complete(struct xdpdrop_opts *complete, const struct xdpdrop_opts *given,
		     const struct log *log)
{
	struct xdpdrop_opts known = { 0 };
	int err = options_copy_known(&known, given);

	if (err)
		return log_error(log, err, "the program was built for a newer libxdpdrop");
	err = options_check(&known, log) ?: options_check_limits(&known, log);
	if (err)
		return err;
	*complete = (struct xdpdrop_opts){
		.size = sizeof(*complete),
		.actions = known.actions ?: 1U << XDP_ABORTED | 1U << XDP_DROP,
		.snaplen = known.snaplen ?: XDPDROP_MAX_CAPLEN,
		.buffer_kib = known.buffer_kib,
		.untagged = known.untagged,
		.no_optimize = known.no_optimize,
		.unsafe_bpffs = known.unsafe_bpffs,
		.sample = known.sample ?: 1,
		.rate = known.rate,
		.reason_rate = known.reason_rate,
		.max_overhead = known.max_overhead,
	};
	err = options_copy_strings(complete, &known);
	if (err)
		options_free(complete);
	return err;
}

void options_free(struct xdpdrop_opts *opts)
{
	free((char *)opts->tap);
	free((char *)opts->hook_pin);
	free((char *)opts->program);
	free((char *)opts->reasons);
	free((char *)opts->filter);
	free((char *)opts->only_reasons);
	free((char *)opts->not_reasons);
	*opts = (struct xdpdrop_opts){ 0 };
}

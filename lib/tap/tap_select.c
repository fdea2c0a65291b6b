// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Checks each tap in turn. To add a tap, add it to the table.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tap/hook_set.h"
#include "tap/tap_select.h"
#include "tap/unseen.h"
#include "xdp/pipeline_devices.h"

#define WHY_SIZE 512

static const struct tap *const taps[] = { &tap_hook, &tap_tag, &tap_exit, &tap_wrap };
#define TAPS (sizeof(taps) / sizeof(taps[0]))
_Static_assert(TAPS <= TAP_SELECT_MAX, "an answer for each");

const struct tap *tap_select_find(const char *name)
{
	for (size_t i = 0; i < TAPS; i++)
		if (!strcmp(name, taps[i]->name))
			return taps[i];
	return NULL;
}

static bool tap_select_is_allowed(const struct tap_context *context, const struct tap *asked,
				  const struct tap *tap)
{
	if (context->opts->hook_pin && tap != &tap_hook)
		return false;
	return !asked || asked == tap;
}

static int tap_select_check(const struct tap_context *context, const struct tap *tap, char *why,
			    size_t size)
{
	const struct xdpdrop_opts *opts = context->opts;

	if (!tap->has_reasons && (opts->only_reasons || opts->not_reasons || opts->only_rules)) {
		snprintf(why, size, "it cannot record reasons, and reasons or rules are selected");
		return -EOPNOTSUPP;
	}
	return tap->check(context, why, size);
}

/* The tap was selected automatically, and other taps capture every verdict. */
static void tap_select_mention_others(const struct tap_context *context, const struct tap *tap)
{
	const __u32 drops = 1U << XDP_ABORTED | 1U << XDP_DROP | XDPDROP_EXCEPTIONS;

	if (tap->has_reasons && tap != &tap_combined && context->opts->actions & ~drops)
		log_warn(context->log,
			 "%s: hooks usually report only drops; taps wrap and exit show other "
			 "verdicts, too",
			 context->pipeline.ifname);
}

/*
 * @tap was selected automatically. Hooks and tags capture only the frames that reach them. If other
 * programs may drop frames, too, exits are armed as well where possible.
 */
static const struct tap *tap_select_widen(const struct tap_context *context, const struct tap *tap)
{
	const struct tap *wider = &tap_combined;
	char text[WHY_SIZE];

	if (context->opts->hook_pin || (tap != &tap_hook && tap != &tap_tag))
		return tap;
	unseen_describe(context, tap, text, sizeof(text));
	/* capture all drops of this program, even those without a tag */
	if (context->opts->program)
		wider = tap == &tap_tag ? &tap_exit : tap;
	else if (!context->pipeline.dispatcher && !text[0])
		wider = tap;
	if (wider == tap || tap_select_check(context, &tap_exit, text, sizeof(text)))
		return tap;
	return wider;
}

/* A tap without reasons is used because one with reasons does not work; @why names that one. */
static void tap_select_mention_reasons(const struct tap_context *context, const struct tap *tap,
				       const char *why)
{
	if (!tap->has_reasons && why[0])
		log_warn(context->log, "%s: tap %s does not see the reasons of drops: tap %s",
			 context->pipeline.ifname, tap->name, why);
}

static int tap_select_tap(const struct tap_context *context, const struct tap *asked,
			  const struct tap **tap)
{
	char why[WHY_SIZE], reason[WHY_SIZE + 16] = "", lost[WHY_SIZE + 64] = "";
	bool in_use = false;
	int error = 0;

	for (size_t i = 0; i < TAPS; i++) {
		int err;

		if (!tap_select_is_allowed(context, asked, taps[i]))
			continue;
		err = tap_select_check(context, taps[i], why, sizeof(why));
		if (!err) {
			*tap = asked ? taps[i] : tap_select_widen(context, taps[i]);
			if (!asked)
				tap_select_mention_others(context, *tap);
			tap_select_mention_reasons(context, *tap, lost);
			return 0;
		}
		log_info(context->log, "tap %s cannot be used: %s", taps[i]->name, why);
		if (taps[i]->has_reasons && err == -EBUSY && !lost[0])
			snprintf(lost, sizeof(lost), "%s cannot be used, since %s", taps[i]->name,
				 why);
		/* a tap in use explains more than a missing one; the last of these, most */
		if (in_use)
			continue;
		in_use = err != -ENOENT && err != -EOPNOTSUPP;
		error = err;
		snprintf(reason, sizeof(reason), "%s: %s", taps[i]->name, why);
	}
	if (!context->pipeline.root_id && !context->opts->hook_pin)
		return log_error(context->log, -ENOENT,
				 "no XDP program is attached to %s, so XDP drops nothing there",
				 context->pipeline.ifname);
	/* callers take -EINVAL for wrong options */
	return log_error(context->log, error == -EINVAL ? -EOPNOTSUPP : error,
			 "cannot attach to %s: %s", context->pipeline.ifname, reason);
}

/* Of frames that come to such a device, few or none are captured. */
static void tap_select_warn_of_idle(const struct tap_context *context)
{
	const struct netdev *device = &context->pipeline.device;

	if (netdev_is_passed_by(device))
		log_warn(context->log,
			 "the kernel does not run XDP programs on %s for frames that the "
			 "interfaces below it receive: a device of kind %s only has those that "
			 "this machine sends to itself; capture on the interfaces below",
			 context->pipeline.ifname, device->kind);
	if (netdev_is_idle(device))
		log_warn(context->log,
			 "the kernel does not run XDP programs on %s: a device of kind %s "
			 "receives no frames",
			 context->pipeline.ifname, device->kind);
}

int tap_select_all(const struct tap_context *context, const struct tap *asked,
		   const struct tap **tap)
{
	__u32 actions = context->opts->actions;
	char why[WHY_SIZE];
	int err = 0;

	if (actions & XDPDROP_EXCEPTIONS)
		err = tap_exception.check(context, why, sizeof(why));
	if (err)
		return log_error(context->log, err, "cannot see exceptions on %s: %s",
				 context->pipeline.ifname, why);
	tap_select_warn_of_idle(context);
	if (actions != XDPDROP_EXCEPTIONS)
		return tap_select_tap(context, asked, tap);
	*tap = &tap_exception;
	return 0;
}

static void tap_select_describe_tap(const struct tap_context *context, const struct tap *asked,
				    const struct tap *tap, char *line, size_t size)
{
	char why[WHY_SIZE];

	if (!tap_select_is_allowed(context, asked, tap))
		snprintf(line, size, "tap %s: not asked for", tap->name);
	else if (tap_select_check(context, tap, why, sizeof(why)))
		snprintf(line, size, "tap %s: no, %s", tap->name, why);
	else
		snprintf(line, size, "tap %s: yes", tap->name);
}

void tap_select_describe(const struct tap_context *context, const struct tap *asked,
			 xdpdrop_line_fn fn, void *data)
{
	char line[WHY_SIZE + 64];

	for (size_t i = 0; i < TAPS; i++) {
		tap_select_describe_tap(context, asked, taps[i], line, sizeof(line));
		fn(data, line);
	}
}

/* The taps that capture together when @tap is selected, at most 3. Returns their number. */
static unsigned int tap_select_parts(const struct tap_context *context, const struct tap *tap,
				     const struct tap **parts)
{
	unsigned int count = 0;

	if (tap != &tap_hook && tap != &tap_combined) {
		parts[0] = tap;
		return 1;
	}
	if (context->opts->hook_pin || hook_set_wanted(context, HOOKS_EXIT))
		parts[count++] = &tap_hook;
	if (context->tag_hooks && hook_set_wanted(context, HOOKS_TAG))
		parts[count++] = &tap_tag;
	if (tap == &tap_combined)
		parts[count++] = &tap_exit;
	return count;
}

/* Name @tap by the kinds of places where it captures: "tap hook", "taps hook, tag and exit". */
static void tap_select_name(const struct tap_context *context, const struct tap *tap, char *text,
			    size_t size)
{
	const struct tap *parts[3];
	unsigned int count = tap_select_parts(context, tap, parts);

	if (count == 1)
		snprintf(text, size, "tap %s", parts[0]->name);
	else if (count == 2)
		snprintf(text, size, "taps %s and %s", parts[0]->name, parts[1]->name);
	else
		snprintf(text, size, "taps %s, %s and %s", parts[0]->name, parts[1]->name,
			 parts[2]->name);
}

unsigned int tap_select_answer(const struct tap_context *context, const struct tap *asked,
			       struct tap_answer *answers)
{
	struct tap_context quiet = *context;
	const struct tap *chosen, *parts[3];
	unsigned int count = 0;

	quiet.log = NULL;
	for (size_t i = 0; i < TAPS; i++) {
		answers[i] = (struct tap_answer){ .tap = taps[i] };
		if (!tap_select_is_allowed(&quiet, asked, taps[i]))
			snprintf(answers[i].why, sizeof(answers[i].why), "not asked for");
		else
			answers[i].works = !tap_select_check(&quiet, taps[i], answers[i].why,
							     sizeof(answers[i].why));
	}
	if (!tap_select_all(&quiet, asked, &chosen))
		count = tap_select_parts(&quiet, chosen, parts);
	for (size_t i = 0; i < TAPS; i++)
		for (unsigned int part = 0; part < count; part++)
			answers[i].chosen |= parts[part] == taps[i];
	return TAPS;
}

/*
 * What a capture that starts now takes, and in *@new the tap because of which it is not @tap. Taps
 * after @tap do not matter, and without hooks those with reasons need not be checked in each look.
 */
static const struct tap *tap_select_again(const struct tap_context *context, const struct tap *tap,
					  const struct tap **new)
{
	char why[WHY_SIZE];

	for (size_t i = 0; i < TAPS && taps[i] != tap; i++) {
		if (taps[i]->has_reasons && !context->pipeline.hook_count)
			continue;
		if (!tap_select_is_allowed(context, NULL, taps[i]) ||
		    tap_select_check(context, taps[i], why, sizeof(why)))
			continue;
		*new = taps[i];
		return tap_select_widen(context, taps[i]);
	}
	*new = &tap_exit;
	return tap_select_widen(context, tap);
}

/* Name the place at which @new captures. */
static void tap_select_name_place(const struct tap_context *context, const struct tap *new,
				  char *text, size_t size)
{
	const struct pipeline_hook *hook =
		hook_set_first(context, new == &tap_tag ? HOOKS_TAG : HOOKS_EXIT);
	const struct pipeline_program *program =
		hook ? pipeline_find(&context->pipeline, hook->program_id) : NULL;

	if (program && new->has_reasons)
		snprintf(text, size, "the hook of %s (id %u)", program->name, program->id);
	else
		snprintf(text, size, "tap %s", new->name);
}

void tap_select_better(const struct tap_context *context, const struct tap *tap, char *text,
		       size_t size)
{
	struct tap_context quiet = *context;
	const struct tap *better, *new;
	char place[128], name[64];

	text[0] = '\0';
	if (tap == &tap_combined || tap == &tap_exception)
		return;
	quiet.log = NULL;
	better = tap_select_again(&quiet, tap, &new);
	if (better == tap)
		return;
	tap_select_name_place(&quiet, new, place, sizeof(place));
	tap_select_name(&quiet, better, name, sizeof(name));
	snprintf(text, size, "%s can be used now; a session that starts again takes %s, which %s",
		 place, name, new->has_reasons ? "can record reasons" : "can record all drops");
}

static void tap_select_describe_lower(const struct pipeline *pipeline, xdpdrop_line_fn fn,
				      void *data)
{
	char line[WHY_SIZE + 64];
	size_t used;

	if (pipeline_is_lower(pipeline)) {
		snprintf(line, sizeof(line), "the program of %s runs on %s, too",
			 pipeline->root_ifname, pipeline->ifname);
		fn(data, line);
	}
	if (!pipeline->lower.count)
		return;
	used = snprintf(line, sizeof(line), "the program of %s runs on", pipeline->ifname);
	for (unsigned int i = 0; i < pipeline->lower.count && used < sizeof(line); i++)
		used += snprintf(line + used, sizeof(line) - used, "%s %s", i ? "," : "",
				 pipeline->lower.lower[i].name);
	fn(data, line);
}

int tap_select_explain(const struct tap_context *context, const struct tap *asked,
		       xdpdrop_line_fn fn, void *data)
{
	char line[WHY_SIZE + 64], unseen[WHY_SIZE], name[64];
	const struct tap *tap;
	int err;

	tap_select_describe_lower(&context->pipeline, fn, data);
	tap_select_describe(context, asked, fn, data);
	err = tap_select_all(context, asked, &tap);
	if (err)
		return err;
	tap_select_name(context, tap, name, sizeof(name));
	snprintf(line, sizeof(line), "%s would be captured by %s", context->pipeline.ifname, name);
	fn(data, line);
	unseen_describe(context, tap, unseen, sizeof(unseen));
	if (unseen[0]) {
		snprintf(line, sizeof(line), "%s: %s", context->pipeline.ifname, unseen);
		fn(data, line);
	}
	return 0;
}

void tap_select_list(const struct tap_context *context, char *text, size_t size)
{
	char why[WHY_SIZE];
	size_t used = 0;

	snprintf(text, size, "none");
	for (size_t i = 0; i < TAPS; i++)
		if (!tap_select_check(context, taps[i], why, sizeof(why)))
			used += snprintf(text + used, size - used, "%s%s", used ? ", " : "",
					 taps[i]->name);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sampling is governed by what it costs: all frames at low rates, one in many in a flood.
 */
#include "monitor/monitor_screen.h"

#include <stdio.h>
#include <string.h>

#include "count/dissect.h"
#include "options/verdict.h"
#include "screen/screen_terminal.h"

#define MOST_OVERHEAD 1000 /* 1 % of the time of a CPU */
#define SNAPLEN 192	   /* IPv6 with extension headers behind VLAN tags, and ports */
#define MOST_OPTIONS 24

bool monitor_screen_is_wanted(const struct monitor_options *options)
{
	return !options->lines && !options->json && !options->once && screen_is_possible();
}

static int monitor_take_sample(void *data, const struct xdpdrop_point *point,
			       const struct xdpdrop_record *record, __u64 realtime_ns)
{
	struct talkers *talkers = data;
	struct dissected frame;

	(void)realtime_ns;
	if (record->flags & XDPDROP_F_EXCEPTION)
		return 0;
	dissect(record->data, record->caplen, point->link_type, &frame);
	talkers_add(talkers, record->point, record->reason, &frame,
		    record->sample ? record->sample : 1);
	return 0;
}

struct monitor_arguments {
	const char *option[MOST_OPTIONS + 1];
	int count;
	char actions[64];
};

static void monitor_add(struct monitor_arguments *arguments, const char *option, const char *value)
{
	arguments->option[arguments->count++] = option;
	arguments->option[arguments->count++] = value;
}

static void monitor_add_value(struct monitor_arguments *arguments, const char *option,
			      const char *value)
{
	if (value)
		monitor_add(arguments, option, value);
}

static void monitor_add_flag(struct monitor_arguments *arguments, const char *option, bool is)
{
	if (is)
		arguments->option[arguments->count++] = option;
}

static void monitor_add_actions(struct monitor_arguments *arguments, __u32 actions)
{
	size_t used = 0;

	for (__u32 i = 0; i < VERDICTS; i++)
		if (actions & 1U << i)
			used += snprintf(arguments->actions + used,
					 sizeof(arguments->actions) - used, "%s%s", used ? "," : "",
					 verdict_name(i));
	monitor_add_value(arguments, "--actions", used ? arguments->actions : NULL);
}

/* The options that decide what is seen are those of captures, too. */
static void monitor_fill_arguments(struct monitor_arguments *arguments,
				   const struct monitor_options *options)
{
	const struct xdpdrop_opts *session = &options->session;

	*arguments = (struct monitor_arguments){ .count = 0 };
	monitor_add_value(arguments, "--tap", session->tap);
	monitor_add_value(arguments, "--hook", session->hook_pin);
	monitor_add_value(arguments, "--netns", options->netns);
	/* that of a row comes later, and counts */
	monitor_add_value(arguments, "--program", session->program);
	monitor_add_value(arguments, "--reasons", session->reasons);
	monitor_add_value(arguments, "--rule", session->only_rules);
	monitor_add_value(arguments, "--relinquish-privileges", options->user);
	monitor_add_flag(arguments, "--unsafe-hook", session->unsafe_hook);
	monitor_add_flag(arguments, "--untagged", session->untagged);
	monitor_add_flag(arguments, "--unsafe-bpffs", session->unsafe_bpffs);
	monitor_add_flag(arguments, "--no-optimize", session->no_optimize);
	monitor_add_actions(arguments, session->actions);
}

static int monitor_open_starter(struct monitor_screen *screen,
				const struct monitor_options *options)
{
	struct monitor_arguments arguments;
	struct screen_restore restore = screen_restore();

	monitor_fill_arguments(&arguments, options);
	return starter_open(&screen->starter,
			    &(struct starter_config){ .ifname = options->ifname,
						      .options = arguments.option,
						      .filter = options->session.filter,
						      .restore = restore.text });
}

static int monitor_open_talkers(struct monitor_screen *screen, struct monitor_options *options,
				struct monitor_samples *samples)
{
	int err = talkers_open(&screen->talkers);

	if (err)
		return err;
	monitor_samples_add(samples, monitor_take_sample, &screen->talkers);
	if (options->session.snaplen < SNAPLEN)
		options->session.snaplen = SNAPLEN;
	options->session.max_overhead = MOST_OVERHEAD;
	return 0;
}

int monitor_screen_open(struct monitor_screen *screen, struct monitor_options *options,
			struct monitor_samples *samples, struct monitor_view *view,
			struct report *report)
{
	struct screen_config config = { .ifname = options->ifname, .report = report };
	int err;

	*screen = (struct monitor_screen){ .open = true, .report = report };
	err = monitor_open_starter(screen, options);
	if (err)
		report_message(report, XDPDROP_LOG_WARN,
			       "key c will not work: cannot start the "
			       "process that starts captures: %s",
			       strerror(-err));
	else
		config.starter = &screen->starter;
	err = options->no_top ? 0 : monitor_open_talkers(screen, options, samples);
	config.talkers = options->no_top ? NULL : &screen->talkers;
	err = err ? err : screen_new(&screen->screen, &config, view);
	if (err)
		report_error(report, "cannot open the screen: %s", strerror(-err));
	return err;
}

void monitor_screen_close(struct monitor_screen *screen)
{
	if (!screen->open)
		return;
	screen_free(screen->screen);
	starter_close(&screen->starter, screen->report);
	talkers_close(&screen->talkers);
	*screen = (struct monitor_screen){ 0 };
}

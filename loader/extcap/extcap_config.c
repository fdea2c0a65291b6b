// SPDX-License-Identifier: GPL-2.0-only
/*
 * Prints the sentences of Wireshark's extcap interface. A sentence is a word and "{key=value}",
 * without any escapes, so that texts of others lose their braces.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <xdpdrop/interface.h>

#include "common/text.h"
#include "extcap/extcap_config.h"
#include "extcap/extcap_place.h"

#define SENTENCE_SIZE 512
#define NAME_SIZE (sizeof(struct extcap_place) + 16)

enum argument { TAP, PROGRAM, REASONS, VERDICTS, SNAPLEN, SAMPLE, NETNS, ARGUMENTS };

/* Of an option: its name, what Wireshark shows, and the rest of the sentence. */
static const struct {
	const char *name, *display, *rest;
} arguments[ARGUMENTS] = {
	[TAP] = { "tap", "Tap", "{type=selector}{tooltip=Where to capture}" },
	[PROGRAM] = { "program", "Program",
		      "{type=selector}{reload=true}{placeholder=Look again}"
		      "{tooltip=Capture what this program drops, no other's}" },
	[REASONS] = { "reasons", "Reasons",
		      "{type=multicheck}{tooltip=Capture only these reasons; none checked: all}" },
	[VERDICTS] = { "verdicts", "Verdicts", "{type=multicheck}{tooltip=Verdicts to capture}" },
	[SNAPLEN] = { "snaplen", "Snapshot length",
		      "{type=integer}{range=1,65535}{default=65535}"
		      "{tooltip=Capture at most this many bytes of a frame}" },
	[SAMPLE] = { "sample", "Sample one frame in",
		     "{type=integer}{range=1,65535}{default=1}{tooltip=At random; 1: all frames}" },
	[NETNS] = { "netns", "Network namespace",
		    "{type=string}{tooltip=Name, process id or path of another network namespace, "
		    "in which the interface of this name is captured}" },
};

/* Replace what would end a value. */
static char *extcap_clean(char *text)
{
	for (char *at = text_clean(text); *at; at++)
		if (strchr("{}[]", *at))
			*at = '?';
	return text;
}

/* One of the values of an option. @preset: it is chosen until the user chooses. */
static void extcap_put_value(enum argument argument, const char *value, const char *display,
			     bool preset)
{
	char value_text[SENTENCE_SIZE], display_text[SENTENCE_SIZE];

	snprintf(value_text, sizeof(value_text), "%s", value);
	snprintf(display_text, sizeof(display_text), "%s", display);
	printf("value {arg=%d}{value=%s}{display=%s}%s\n", argument, extcap_clean(value_text),
	       extcap_clean(display_text), preset ? "{default=true}" : "");
}

static bool extcap_has_working_tap(const struct xdpdrop_interface *interface)
{
	for (const struct xdpdrop_tap_info *const *tap = interface->taps; *tap; tap++)
		if ((*tap)->works)
			return true;
	return false;
}

static const char *extcap_root_name(const struct xdpdrop_interface *interface)
{
	for (const struct xdpdrop_program_info *const *one = interface->programs; *one; one++)
		if ((*one)->root)
			return (*one)->name;
	return NULL;
}

static void extcap_put_interface(void *data, const struct xdpdrop_interface *interface)
{
	const char *netns = interface->netns && *interface->netns ? interface->netns : NULL;
	const char *program = extcap_root_name(interface);
	char name[NAME_SIZE], display[SENTENCE_SIZE];

	(void)data;
	if (!extcap_has_working_tap(interface) ||
	    !extcap_place_name(netns, interface->name, name, sizeof(name)))
		return;
	snprintf(display, sizeof(display), "XDP drops on %s%s%s%s%s", interface->name,
		 netns ? " of " : "", netns ? netns : "", program ? ", " : "",
		 program ? program : "");
	printf("interface {value=%s}{display=%s}\n", name, extcap_clean(display));
}

int extcap_config_interfaces(struct xdpdrop *session)
{
	int err = xdpdrop_set_netns(session, "all");

	printf("extcap {version=" XDPDROP_VERSION "}{display=xdpdrop}\n");
	err = err ? err : xdpdrop_inspect(session, NULL, NULL, extcap_put_interface, NULL);
	if (err == -EPERM)
		printf("interface {value=" EXTCAP_PLACE_NONE "}{display=XDP drops: needs root}\n");
	printf("control {number=0}{type=button}{role=logger}{display=Log}"
	       "{tooltip=Messages of xdpdrop-capture}\n");
	return err == -EPERM ? 0 : err;
}

static void extcap_put_dlt(void *data, const struct xdpdrop_interface *interface)
{
	(void)data;
	switch (interface->link_type) {
	case 1:
		printf("dlt {number=1}{name=EN10MB}{display=Ethernet}\n");
		break;
	case 101:
		printf("dlt {number=101}{name=RAW}{display=Raw IP}\n");
		break;
	default:
		printf("dlt {number=%u}{name=LINKTYPE_%u}{display=Link type %u}\n",
		       interface->link_type, interface->link_type, interface->link_type);
	}
}

int extcap_config_dlts(struct xdpdrop *session, const char *ifname)
{
	return xdpdrop_inspect(session, ifname, NULL, extcap_put_dlt, NULL);
}

static void extcap_put_taps(const struct xdpdrop_interface *interface)
{
	char text[SENTENCE_SIZE] = "auto";
	size_t used = strlen(text);

	for (const struct xdpdrop_tap_info *const *tap = interface->taps; *tap; tap++)
		if ((*tap)->chosen && used < sizeof(text))
			used += snprintf(text + used, sizeof(text) - used, "%s%s",
					 used > strlen("auto") ? ", " : ": ", (*tap)->name);
	extcap_put_value(TAP, "auto", text, true);
	for (const struct xdpdrop_tap_info *const *tap = interface->taps; *tap; tap++)
		if ((*tap)->works)
			extcap_put_value(TAP, (*tap)->name, (*tap)->name, false);
}

static void extcap_put_programs(const struct xdpdrop_interface *interface)
{
	extcap_put_value(PROGRAM, "", "all", true);
	for (const struct xdpdrop_program_info *const *one = interface->programs; *one; one++) {
		char text[SENTENCE_SIZE];

		snprintf(text, sizeof(text), "%s (id %u)", (*one)->name, (*one)->id);
		extcap_put_value(PROGRAM, (*one)->name, text, false);
	}
}

/* Does @name stand in a hook from @hooks up to @last, or in @last before @reason? */
static bool extcap_is_repeated(const struct xdpdrop_hook_info *const *hooks,
			       const struct xdpdrop_hook_info *const *last,
			       const char *const *reason)
{
	for (; hooks <= last; hooks++)
		for (const char *const *one = (*hooks)->reasons; *one; one++) {
			if (one == reason)
				return false;
			if (!strcmp(*one, *reason))
				return true;
		}
	return false;
}

static void extcap_put_reasons(const struct xdpdrop_interface *interface)
{
	const struct xdpdrop_hook_info *const *hook = interface->hooks;

	for (; *hook; hook++)
		for (const char *const *reason = (*hook)->reasons; *reason; reason++)
			if (!extcap_is_repeated(interface->hooks, hook, reason))
				extcap_put_value(REASONS, *reason, *reason, false);
}

static void extcap_put_verdicts(const struct xdpdrop_interface *interface)
{
	static const char *const names[] = { "aborted", "drop",	    "pass",
					     "tx",	"redirect", "exception" };

	(void)interface;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		extcap_put_value(VERDICTS, names[i], names[i], i < 2);
}

static void (*const put_values[ARGUMENTS])(const struct xdpdrop_interface *interface) = {
	[TAP] = extcap_put_taps,
	[PROGRAM] = extcap_put_programs,
	[REASONS] = extcap_put_reasons,
	[VERDICTS] = extcap_put_verdicts,
};

static void extcap_put_options(void *data, const struct xdpdrop_interface *interface)
{
	const char *reload = data;

	for (int i = 0; i < ARGUMENTS; i++) {
		if (reload && strcmp(reload, arguments[i].name))
			continue;
		if (!reload)
			printf("arg {number=%d}{call=--%s}{display=%s}%s\n", i, arguments[i].name,
			       arguments[i].display, arguments[i].rest);
		if (put_values[i])
			put_values[i](interface);
	}
}

int extcap_config_options(struct xdpdrop *session, const char *ifname, const char *reload)
{
	return xdpdrop_inspect(session, ifname, NULL, extcap_put_options, (void *)reload);
}

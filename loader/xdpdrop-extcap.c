// SPDX-License-Identifier: GPL-2.0-only
/*
 * xdpdrop-extcap: makes the drops of XDP programs interfaces of Wireshark. Wireshark starts it for
 * each question, and for each capture.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <xdpdrop/xdpdrop.h>

#include "common/hint.h"
#include "common/text.h"
#include "extcap/extcap_capture.h"
#include "extcap/extcap_config.h"

/* Also in xdpdrop-extcap(8). */
enum status { STATUS_OK, STATUS_FAILED, STATUS_MISUSE };

struct extcap {
	struct extcap_options options;
	struct extcap_place place;
	struct report report;
	struct xdpdrop *session;
};

static void extcap_drop_line(void *data, const char *line)
{
	(void)data, (void)line;
}

/* Wireshark takes what is printed as the reason why the filter is wrong, and nothing as consent. */
static int extcap_check_filter(struct extcap *extcap)
{
	const struct xdpdrop_opts opts = { .size = sizeof(opts), .filter = extcap->options.filter };

	extcap->report.stream = stdout;
	extcap->report.program = "filter";
	xdpdrop_dump_filter(extcap->session, &opts, extcap_drop_line, NULL);
	return 0;
}

static int extcap_answer(struct extcap *extcap)
{
	const struct extcap_options *options = &extcap->options;
	const char *netns = options->netns ? options->netns : extcap->place.netns;
	int err = *netns && !options->interfaces ? xdpdrop_set_netns(extcap->session, netns) : 0;

	if (err)
		return err;
	if (options->interfaces)
		return extcap_config_interfaces(extcap->session);
	if (options->dlts && !*extcap->place.ifname) {
		printf("dlt {number=1}{name=EN10MB}{display=Ethernet}\n");
		return 0;
	}
	if (options->dlts)
		return extcap_config_dlts(extcap->session, extcap->place.ifname);
	if (!options->config)
		return extcap_check_filter(extcap);
	if (!*extcap->place.ifname)
		return 0;
	return extcap_config_options(extcap->session, extcap->place.ifname, options->reload);
}

static int extcap_run_session(struct extcap *extcap)
{
	int err = xdpdrop_new(&extcap->session);

	if (err) {
		report_error(&extcap->report, "cannot start: %s", strerror(-err));
		return STATUS_FAILED;
	}
	/* the list has a line for missing privileges */
	if (!extcap->options.interfaces)
		xdpdrop_set_log(extcap->session, report_log, &extcap->report, XDPDROP_LOG_ERROR);
	xdpdrop_set_hints(extcap->session, hint_complete, NULL);
	err = extcap_answer(extcap);
	xdpdrop_free(extcap->session);
	if (err < 0 && !extcap->report.errors)
		report_error(&extcap->report, "%s", strerror(-err));
	return err < 0 || report_flush(&extcap->report) ? STATUS_FAILED : STATUS_OK;
}

static int extcap_start_capture(struct extcap *extcap)
{
	if (!*extcap->place.ifname) {
		report_error(&extcap->report,
			     "to capture what XDP drops, root is needed: start Wireshark as root, "
			     "or type: sudo xdpdrop-capture IFNAME - | wireshark -k -i -");
		return STATUS_FAILED;
	}
	return extcap_capture(&extcap->options, &extcap->place, &extcap->report);
}

int main(int argc, char **argv)
{
	struct extcap extcap = { .report = { .stream = stderr, .program = "xdpdrop-extcap" } };
	const struct extcap_options *options = &extcap.options;
	struct cmdline_error error;

	report_open_standard();
	if (extcap_options_parse(argc, argv, &extcap.options, &error)) {
		report_error(&extcap.report, "%s", error.text);
		return STATUS_MISUSE;
	}
	if (options->help) {
		extcap_options_help(stdout);
		return report_flush(&extcap.report) ? STATUS_FAILED : STATUS_OK;
	}
	if (options->version) {
		printf("xdpdrop-extcap %s, libxdpdrop %s\n", XDPDROP_VERSION, xdpdrop_version());
		return report_flush(&extcap.report) ? STATUS_FAILED : STATUS_OK;
	}
	if (!options->interfaces && !extcap_place_parse(&extcap.place, options->interface)) {
		report_error(&extcap.report, "there is no interface '%.64s'; tshark -D lists them",
			     options->interface);
		return STATUS_MISUSE;
	}
	return options->capture ? extcap_start_capture(&extcap) : extcap_run_session(&extcap);
}

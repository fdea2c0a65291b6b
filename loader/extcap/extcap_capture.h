/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A capture for Wireshark: xdpdrop-capture with the options of the dialog, in this process, or as
 * its child where the toolbar shows the messages.
 */
#ifndef XDPDROP_EXTCAP_CAPTURE_H
#define XDPDROP_EXTCAP_CAPTURE_H

#include "common/report.h"
#include "extcap/extcap_options.h"
#include "extcap/extcap_place.h"

/* Returns an exit status; without a toolbar only if xdpdrop-capture cannot be started. */
int extcap_capture(const struct extcap_options *options, const struct extcap_place *place,
		   struct report *report);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Runs a program whose messages go to the log of Wireshark's toolbar.
 */
#ifndef XDPDROP_EXTCAP_LOG_H
#define XDPDROP_EXTCAP_LOG_H

#include "common/report.h"

/*
 * Run @path with @argv. Each line on its standard error becomes a message in the FIFO @out. @in:
 * FIFO with messages of the toolbar, which are not read, or NULL. SIGINT, SIGTERM and SIGHUP are
 * passed on. If the program fails, its errors are also written to standard error. Returns its exit
 * status; 1: it could not be started, or was killed.
 */
int extcap_log_run(const char *path, char *const *argv, const char *in, const char *out,
		   struct report *report);

#endif

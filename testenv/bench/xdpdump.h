/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * xdpdump of xdp-tools, where there is one: it attaches to the exit of the interface's program.
 */
#ifndef XDPDROP_BENCH_XDPDUMP_H
#define XDPDROP_BENCH_XDPDUMP_H

#include "tool.h"

/* Capture what leaves the program on @ifname into @out, as pcapng or pcap. As tool_start(). */
bool xdpdump_start(struct tool *tool, const char *ifname, const char *format, int out, char *why,
		   size_t size);

/* As tool_stop(); totals->seen is not known. */
bool xdpdump_stop(struct tool *tool, struct tool_totals *totals);

#endif

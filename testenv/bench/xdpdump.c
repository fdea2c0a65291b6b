// SPDX-License-Identifier: GPL-2.0-only
/*
 * Its options, and its closing lines.
 */
#include "xdpdump.h"

#include <string.h>

bool xdpdump_start(struct tool *tool, const char *ifname, const char *format, int out, char *why,
		   size_t size)
{
	char *argv[] = { "xdpdump",    "-i", (char *)ifname, "--rx-capture", "exit", "-w", "-",
			 "--use-pcap", NULL };

	if (strcmp(format, "pcap"))
		argv[7] = NULL;
	return tool_exec(tool, argv, out, why, size);
}

bool xdpdump_stop(struct tool *tool, struct tool_totals *totals)
{
	bool done = tool_end(tool, totals);

	totals->captured = totals->written = tool_number(tool, " packets captured");
	totals->lost = tool_number(tool, " packets dropped by perf ring");
	return done;
}

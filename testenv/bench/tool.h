/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * xdpdrop-capture as a user runs it, and what is alike in other tools.
 */
#ifndef XDPDROP_BENCH_TOOL_H
#define XDPDROP_BENCH_TOOL_H

#include <linux/types.h>

#include "process.h"

#define TOOL_MAX_ARGS 12
#define TOOL_MAX_PROCESSES 8

struct tool {
	struct process child;
	double cpu_at_start; /* ns, when it began to listen */
};

/* What it says at its end. */
struct tool_totals {
	__u64 seen, captured, lost, written;
	double cpu_ns; /* since it began to listen */
};

/*
 * Run it with @args, up to a NULL, and wait until it listens. @out: its standard output, -1:
 * /dev/null. Returns false, with its last line in @why, when it does not come to listen.
 */
bool tool_start(struct tool *tool, const char *const args[], int out, char *why, size_t size);

/* The same with xdpdrop-monitor. */
bool tool_count(struct tool *tool, const char *const args[], char *why, size_t size);

/* The same with any tool that says "listening on"; @argv has its name, too. */
bool tool_exec(struct tool *tool, char *const argv[], int out, char *why, size_t size);

/* Its own process and those that it has started, at most @room. Returns how many. */
int tool_processes(const struct tool *tool, pid_t *pids, int room);

/* Stop it, and its own processes, until tool_stop(): its lease runs out. */
void tool_freeze(const struct tool *tool);

/* End it as a user would. false: it failed, and said why in the last line. */
bool tool_stop(struct tool *tool, struct tool_totals *totals);

/* The same with any tool; only the CPU time is known then. */
bool tool_end(struct tool *tool, struct tool_totals *totals);

/* The number that begins the line in which it said @what; 0 when it did not. */
__u64 tool_number(const struct tool *tool, const char *what);

#endif

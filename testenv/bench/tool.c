// SPDX-License-Identifier: GPL-2.0-only
/*
 * Starts the tool, ends it and reads its summary.
 */
#include "tool.h"

#include <signal.h>
#include <stdio.h>

#include "bench.h"

bool tool_start(struct tool *tool, const char *const args[], int out, char *why, size_t size)
{
	char *path = bench_path("xdpdrop-capture");
	char *argv[TOOL_MAX_ARGS + 2] = { path };
	int status;

	for (int i = 0; args[i] && i < TOOL_MAX_ARGS; i++)
		argv[i + 1] = (char *)args[i];
	child_exec(&tool->child, argv, bench.reader_cpu, out);
	free(path);
	if (child_said(&tool->child, "listening on ")) {
		tool->cpu_at_start = child_cpu(&tool->child);
		return true;
	}
	kill(tool->child.pid, SIGTERM);
	child_wait(&tool->child, &status);
	snprintf(why, size, "%s", child_last_line(&tool->child));
	return false;
}

/* The number in front of @what, which follows it on the line. */
static __u64 number_before(const char *text, const char *what)
{
	const char *at = strstr(text, what);

	while (at && at > text && at[-1] != '\n')
		at--;
	return at ? strtoull(at, NULL, 10) : 0;
}

/* To the tool and to those that it has started. */
static void send_to_all(const struct tool *tool, int signal_number)
{
	char path[64];
	FILE *file;
	int pid;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", tool->child.pid, tool->child.pid);
	file = fopen(path, "re");
	while (file && fscanf(file, "%d", &pid) == 1)
		kill(pid, signal_number);
	if (file)
		fclose(file);
	kill(tool->child.pid, signal_number);
}

void tool_freeze(const struct tool *tool)
{
	send_to_all(tool, SIGSTOP);
}

bool tool_stop(struct tool *tool, struct tool_totals *totals)
{
	const char *text = tool->child.text;
	int status;

	send_to_all(tool, SIGCONT);
	kill(tool->child.pid, SIGINT);
	totals->cpu_ns = child_wait(&tool->child, &status) - tool->cpu_at_start;
	totals->seen = number_before(text, " seen by XDP");
	totals->captured = number_before(text, " captured\n");
	totals->lost = number_before(text, " lost");
	totals->written = number_before(text, " written");
	return !status;
}

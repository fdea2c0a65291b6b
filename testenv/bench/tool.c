// SPDX-License-Identifier: GPL-2.0-only
/*
 * Starts the tool, ends it and reads its summary.
 */
#include "tool.h"

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "bench.h"

bool tool_exec(struct tool *tool, char *const argv[], int out, char *why, size_t size)
{
	int status;

	process_exec(&tool->child, argv, bench.tool_cpu, out);
	if (process_said(&tool->child, "listening on ")) {
		tool->cpu_at_start = process_cpu(&tool->child);
		return true;
	}
	kill(tool->child.pid, SIGTERM);
	process_wait(&tool->child, &status);
	snprintf(why, size, "%s", process_last_line(&tool->child));
	if (!*why)
		snprintf(why, size, "it does not say in time that it listens");
	return false;
}

static bool start(struct tool *tool, const char *name, const char *const args[], int out, char *why,
		  size_t size)
{
	char *path = bench_path(name);
	char *argv[TOOL_MAX_ARGS + 2] = { path };
	bool started;

	for (int i = 0; args[i] && i < TOOL_MAX_ARGS; i++)
		argv[i + 1] = (char *)args[i];
	started = tool_exec(tool, argv, out, why, size);
	free(path);
	return started;
}

bool tool_start(struct tool *tool, const char *const args[], int out, char *why, size_t size)
{
	return start(tool, "xdpdrop-capture", args, out, why, size);
}

bool tool_count(struct tool *tool, const char *const args[], char *why, size_t size)
{
	return start(tool, "xdpdrop-monitor", args, -1, why, size);
}

__u64 tool_number(const struct tool *tool, const char *what)
{
	const char *text = tool->child.text, *at = strstr(text, what);

	while (at && at > text && at[-1] != '\n')
		at--;
	return at ? strtoull(at, NULL, 10) : 0;
}

/* @pid, and its descendants behind it. */
static int list(pid_t pid, pid_t *pids, int room)
{
	int count = 0, child;
	char path[64];
	FILE *file;

	if (!room)
		return 0;
	pids[count++] = pid;
	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", pid, pid);
	file = fopen(path, "re");
	while (file && fscanf(file, "%d", &child) == 1)
		count += list(child, pids + count, room - count);
	if (file)
		fclose(file);
	return count;
}

int tool_processes(const struct tool *tool, pid_t *pids, int room)
{
	return list(tool->child.pid, pids, room);
}

/* Its own processes first: they must not see it stopped. Returns how many there were. */
static int send_to_all(const struct tool *tool, int signal_number)
{
	pid_t pids[TOOL_MAX_PROCESSES];
	int count = tool_processes(tool, pids, TOOL_MAX_PROCESSES);

	for (int i = count; i > 0; i--)
		kill(pids[i - 1], signal_number);
	return count;
}

/* Again if it has got another process meanwhile, which would keep it alive. */
void tool_freeze(const struct tool *tool)
{
	pid_t pids[TOOL_MAX_PROCESSES];
	int stopped;

	do {
		stopped = send_to_all(tool, SIGSTOP);
		usleep(1000);
	} while (tool_processes(tool, pids, TOOL_MAX_PROCESSES) != stopped);
}

bool tool_end(struct tool *tool, struct tool_totals *totals)
{
	int status;

	*totals = (struct tool_totals){ 0 };
	kill(tool->child.pid, SIGINT);
	totals->cpu_ns = process_wait(&tool->child, &status) - tool->cpu_at_start;
	return !status;
}

bool tool_stop(struct tool *tool, struct tool_totals *totals)
{
	bool done;

	send_to_all(tool, SIGCONT);
	done = tool_end(tool, totals);
	totals->seen = tool_number(tool, " by XDP");
	totals->captured = tool_number(tool, " captured\n");
	totals->lost = tool_number(tool, " lost");
	totals->written = tool_number(tool, " written");
	return done;
}

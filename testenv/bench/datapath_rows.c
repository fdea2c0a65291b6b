// SPDX-License-Identifier: GPL-2.0-only
/*
 * The table of what the datapath section compares, and its set-up with the real tool.
 */
#include <bpf/bpf.h>
#include <unistd.h>

#include "bench.h"
#include "datapath.h"
#include "sandbox.h"

#define MISS "udp src port 53"
#define MATCH "udp src port 4000"

static struct datapath_row table[] = {
	{ .name = "bare drop", .kind = DATAPATH_PLAIN, .program = "bare", .pieces = true },
	{ .name = "hook, nobody captures", .kind = DATAPATH_PLAIN, .program = "hooked" },
	{ .name = "hook with a rule, nobody captures", .kind = DATAPATH_PLAIN, .program = "ruled" },
	{ .name = "hook, capture dead",
	  .kind = DATAPATH_HOOK,
	  .program = "hooked",
	  .hook = "bench_hook",
	  .orphan = true },
	{ .name = "hook",
	  .kind = DATAPATH_HOOK,
	  .program = "hooked",
	  .hook = "bench_hook",
	  .emits = true },
	{ .name = "hook, takes frames in pieces",
	  .kind = DATAPATH_HOOK,
	  .program = "hooked",
	  .hook = "bench_hook",
	  .emits = true,
	  .pieces = true },
	{ .name = "hook, filter misses",
	  .kind = DATAPATH_HOOK,
	  .program = "hooked",
	  .hook = "bench_hook",
	  .filter = MISS },
	{ .name = "hook, filter matches",
	  .kind = DATAPATH_HOOK,
	  .program = "hooked",
	  .hook = "bench_hook",
	  .filter = MATCH,
	  .emits = true },
	{ .name = "hook, sampled out",
	  .kind = DATAPATH_HOOK,
	  .program = "hooked",
	  .hook = "bench_hook",
	  .args = { "--sample", "65535" } },
	{ .name = "hook, count only",
	  .kind = DATAPATH_HOOK,
	  .program = "hooked",
	  .hook = "bench_hook",
	  .counts = true },
	{ .name = "hook, over the rate",
	  .kind = DATAPATH_HOOK,
	  .program = "hooked",
	  .hook = "bench_hook",
	  .args = { "--rate", "1" } },
	{ .name = "hook, over the rate of its reason",
	  .kind = DATAPATH_HOOK,
	  .program = "hooked",
	  .hook = "bench_hook",
	  .args = { "--rate-per-reason", "1" } },
	{ .name = "hook, overhead is measured",
	  .kind = DATAPATH_HOOK,
	  .program = "hooked",
	  .hook = "bench_hook",
	  .args = { "--max-overhead", "100" },
	  .emits = true },
	{ .name = "wrap, frame passes",
	  .kind = DATAPATH_ROOT,
	  .program = "pass",
	  .args = { "-t", "wrap" } },
	{ .name = "wrap, capture dead",
	  .kind = DATAPATH_ROOT,
	  .program = "bare",
	  .args = { "-t", "wrap" },
	  .orphan = true },
	{ .name = "wrap",
	  .kind = DATAPATH_ROOT,
	  .program = "bare",
	  .args = { "-t", "wrap" },
	  .emits = true },
	{ .name = "wrap, takes frames in pieces",
	  .kind = DATAPATH_ROOT,
	  .program = "bare",
	  .args = { "-t", "wrap" },
	  .emits = true,
	  .pieces = true },
	{ .name = "wrap, filter misses",
	  .kind = DATAPATH_ROOT,
	  .program = "bare",
	  .args = { "-t", "wrap" },
	  .filter = MISS },
	{ .name = "wrap, sampled out",
	  .kind = DATAPATH_ROOT,
	  .program = "bare",
	  .args = { "-t", "wrap", "--sample", "65535" } },
	{ .name = "exit",
	  .kind = DATAPATH_ROOT,
	  .program = "bare",
	  .args = { "-t", "exit" },
	  .emits = true },
	{ .name = "exit, filter misses",
	  .kind = DATAPATH_ROOT,
	  .program = "bare",
	  .args = { "-t", "exit" },
	  .filter = MISS },
	{ .name = "tag, untagged frame",
	  .kind = DATAPATH_PLAIN,
	  .program = "xdpdrop_tag_tap",
	  .object = "xdpdrop_tag.bpf.o" },
	{ .name = "tag, tagged frame, nobody captures",
	  .kind = DATAPATH_PLAIN,
	  .program = "xdpdrop_tag_tap",
	  .object = "xdpdrop_tag.bpf.o",
	  .tagged = true },
	{ .name = "tag, tagged frame",
	  .kind = DATAPATH_HOOK,
	  .program = "xdpdrop_tag_tap",
	  .object = "xdpdrop_tag.bpf.o",
	  .hook = "xdpdrop_tags",
	  .tagged = true,
	  .emits = true },
	{ .name = "floor: reserve, time, copy, submit",
	  .kind = DATAPATH_PEER,
	  .program = "least",
	  .reader = PEER_PLAIN,
	  .emits = true,
	  .pieces = true,
	  .per_size = true },
	{ .name = "(a) fixed 1502 B, one ring, wakeups",
	  .kind = DATAPATH_PEER,
	  .program = "fixed",
	  .reader = PEER_RING,
	  .emits = true,
	  .record_bytes = 1512 },
	{ .name = "(b) perf event, wakeup each",
	  .kind = DATAPATH_PEER,
	  .program = "perf",
	  .reader = PEER_PERF_EACH,
	  .emits = true,
	  .pieces = true,
	  .max_repeat = 3000 },
	{ .name = "(c) perf event, wakeup every 64",
	  .kind = DATAPATH_PEER,
	  .program = "perf",
	  .reader = PEER_PERF_BATCH,
	  .emits = true,
	  .pieces = true },
	{ .name = "(d) fixed 1502 B, ring per CPU",
	  .kind = DATAPATH_PEER,
	  .program = "fixed_percpu",
	  .reader = PEER_RINGS,
	  .emits = true,
	  .record_bytes = 1512 },
	{ .name = "(e) fixed 1520 B at exit, ring per CPU",
	  .kind = DATAPATH_EXIT,
	  .program = "fixed_percpu_at_exit",
	  .reader = PEER_EXIT_RINGS,
	  .emits = true,
	  .record_bytes = 1528 },
};

int datapath_rows(struct datapath_row **rows)
{
	*rows = table;
	return sizeof(table) / sizeof(*table);
}

static bool load_target(struct datapath_row *row)
{
	const struct program_opts opts = { .name = "bare" };

	return row->kind != DATAPATH_EXIT ||
	       !program_load(&row->target, &opts, row->why, sizeof(row->why));
}

/* One program for all sizes, or one for each, which then share their rings. */
static bool load_programs(struct datapath_row *row, const __u32 *sizes)
{
	struct program_opts opts = { .name = row->program,
				     .object = row->object,
				     .pieces = row->pieces,
				     .exit_of = row->target.object ? &row->target : NULL };

	for (int i = 0; i < DATAPATH_SIZES; i++) {
		if (i && !row->per_size) {
			row->fd[i] = row->fd[0];
			continue;
		}
		opts.frame_bytes = row->per_size ? sizes[i] : 0;
		opts.rings_of = i ? row->programs[0].object : NULL;
		if (program_load(&row->programs[i], &opts, row->why, sizeof(row->why)))
			return false;
		row->fd[i] = row->programs[i].fd;
	}
	return true;
}

/* @hook: path of a pin, or NULL. */
static bool start_tool(struct datapath_row *row, const char *hook, const char *ifname)
{
	const char *args[TOOL_MAX_ARGS] = { 0 };
	int count = 0;

	if (hook) {
		args[count++] = "--hook";
		args[count++] = hook;
	}
	for (int i = 0; i < 4 && row->args[i]; i++)
		args[count++] = row->args[i];
	args[count++] = ifname;
	if (row->counts)
		return tool_count(&row->tool, args, row->why, sizeof(row->why));
	args[count++] = "/dev/null";
	args[count++] = row->filter;
	return tool_start(&row->tool, args, -1, row->why, sizeof(row->why));
}

/* A test run that names no interface has its frames come in on lo. */
static bool start_hook(struct datapath_row *row)
{
	char path[64];
	bool started;

	snprintf(path, sizeof(path), "%s/bench_%zu", SANDBOX_BPFFS, (size_t)(row - table));
	program_pin(&row->programs[0], row->hook, path);
	started = start_tool(row, path, "lo");
	unlink(path);
	return started;
}

/* Whatever is in the interface's root slot is what the driver would run. */
static bool start_root(struct datapath_row *row)
{
	char name[16], peer[16];
	__u32 id;

	snprintf(name, sizeof(name), "root%zu", (size_t)(row - table));
	snprintf(peer, sizeof(peer), "peer%zu", (size_t)(row - table));
	row->ifindex = sandbox_veth(name, peer);
	program_attach(&row->programs[0], row->ifindex);
	if (!start_tool(row, NULL, name) || bpf_xdp_query_id(row->ifindex, 0, &id))
		return false;
	row->fd[0] = bpf_prog_get_fd_by_id(id);
	for (int i = 1; i < DATAPATH_SIZES; i++)
		row->fd[i] = row->fd[0];
	return row->fd[0] >= 0;
}

static bool start_peer(struct datapath_row *row)
{
	row->peer = (struct peer){ .kind = row->reader, .program = &row->programs[0], .out = -1 };
	return peer_start(&row->peer, row->why, sizeof(row->why));
}

static bool start_exit(struct datapath_row *row)
{
	for (int i = 0; i < DATAPATH_SIZES; i++)
		row->fd[i] = row->target.fd;
	return start_peer(row);
}

static bool start(struct datapath_row *row, const __u32 *sizes)
{
	if (!load_target(row) || !load_programs(row, sizes))
		return false;
	switch (row->kind) {
	case DATAPATH_HOOK:
		return start_hook(row);
	case DATAPATH_ROOT:
		return start_root(row);
	case DATAPATH_PEER:
		return start_peer(row);
	case DATAPATH_EXIT:
		return start_exit(row);
	default:
		return true;
	}
}

void datapath_start(struct datapath_row *row, const __u32 *sizes)
{
	row->running = start(row, sizes);
	if (row->running && row->orphan)
		tool_freeze(&row->tool);
}

static void stop_tool(struct datapath_row *row)
{
	struct tool_totals totals;

	if (!tool_stop(&row->tool, &totals))
		die("%s: the capture failed: %s", row->name, process_last_line(&row->tool.child));
	row->lost = totals.lost;
	if ((row->emits && totals.seen != row->runs) || (row->orphan && totals.captured))
		die("%s: %llu frames seen of %llu", row->name, totals.seen, row->runs);
}

static void stop_peer(struct datapath_row *row)
{
	peer_stop(&row->peer);
	for (int i = 0; i < DATAPATH_SIZES; i++)
		if (row->programs[i].object)
			row->lost += program_lost(&row->programs[i]);
}

void datapath_stop(struct datapath_row *row)
{
	if (row->running && row->kind >= DATAPATH_PEER)
		stop_peer(row);
	else if (row->running && row->kind != DATAPATH_PLAIN)
		stop_tool(row);
	if (row->ifindex)
		program_detach(row->ifindex);
	for (int i = 0; i < DATAPATH_SIZES; i++)
		if (row->programs[i].object)
			program_unload(&row->programs[i]);
	if (row->target.object)
		program_unload(&row->target);
}

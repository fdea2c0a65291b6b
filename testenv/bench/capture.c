// SPDX-License-Identifier: GPL-2.0-only
/*
 * The program on one end of a veth pair, the flood on the other, and who captures in between.
 */
#include "capture.h"

#include <unistd.h>

#include "bench.h"
#include "peer.h"
#include "program.h"
#include "sandbox.h"
#include "tool.h"
#include "xdpdump.h"

#define IFNAME "flooded"
#define PEERNAME "flooding"
#define FRAME_OVERHEAD 128 /* what a file adds to a frame, at most */
#define TMPFS_FILE_BYTES (3.5 * 1024 * MIB)
#define OLD_FILE_BYTES (9.0 * 1024 * MIB)
#define DISK_FILE_BYTES (1024 * MIB)

/* Who reads, while it runs. */
struct reader {
	struct program at_exit;
	struct tool tool;
	struct peer peer;
};

static __u32 ifindex;

void capture_setup(void)
{
	if (!ifindex)
		ifindex = sandbox_veth(IFNAME, PEERNAME);
}

/* Files stay in memory whole: leave most of it alone. */
static double space(const struct capture *capture)
{
	double available = sysconf(_SC_AVPHYS_PAGES) * (double)sysconf(_SC_PAGESIZE);
	double most = capture->disk ? DISK_FILE_BYTES :
		      capture->over ? OLD_FILE_BYTES :
				      TMPFS_FILE_BYTES;

	return available / 2 < most ? available / 2 : most;
}

long capture_most_frames(const struct capture *capture, long size)
{
	if (capture->by == BY_NOBODY)
		return 1000000000;
	return space(capture) / (size + FRAME_OVERHEAD);
}

static bool start_tool(const struct capture *capture, struct reader *reader, int file, char *why,
		       size_t size)
{
	/* by name, because standard output stays in the page cache */
	const char *name = capture->disk ? "/dev/stdout" : "-";
	const char *args[] = { "-t", capture->tap, "-F", capture->format, IFNAME, name, NULL };

	return tool_start(&reader->tool, args, file, why, size);
}

static bool start_peer(const struct capture *capture, struct reader *reader,
		       const struct program *program, int file, char *why, size_t size)
{
	const struct program_opts opts = { .name = capture->at_exit, .exit_of = program };

	reader->peer = (struct peer){ .kind = PEER_RING, .program = program, .out = file };
	if (capture->at_exit) {
		if (program_load(&reader->at_exit, &opts, why, size))
			return false;
		reader->peer.kind = PEER_EXIT_RINGS;
		reader->peer.program = &reader->at_exit;
	}
	return peer_start(&reader->peer, why, size);
}

static bool start(const struct capture *capture, struct reader *reader,
		  const struct program *program, int file, char *why, size_t size)
{
	if (capture->by == BY_TOOL)
		return start_tool(capture, reader, file, why, size);
	if (capture->by == BY_XDPDUMP)
		return xdpdump_start(&reader->tool, IFNAME, capture->format, file, why, size);
	return capture->by == BY_NOBODY || start_peer(capture, reader, program, file, why, size);
}

static void stop_tool(enum capture_by by, struct reader *reader, struct capture_totals *totals)
{
	struct tool_totals said;
	bool done = by == BY_TOOL ? tool_stop(&reader->tool, &said) :
				    xdpdump_stop(&reader->tool, &said);

	if (!done)
		die("the capture failed: %s", process_last_line(&reader->tool.child));
	totals->cpu_ns = said.cpu_ns;
	totals->lost = said.lost;
	totals->written = said.written;
}

static void stop(const struct capture *capture, struct reader *reader,
		 const struct program *program, struct capture_totals *totals)
{
	*totals = (struct capture_totals){ 0 };
	if (capture->by == BY_TOOL || capture->by == BY_XDPDUMP)
		stop_tool(capture->by, reader, totals);
	totals->dropped = program_dropped(program);
	if (capture->by != BY_FIXED)
		return;
	totals->cpu_ns = peer_stop(&reader->peer);
	totals->lost = program_lost(reader->peer.program);
	totals->written = totals->dropped - totals->lost;
}

/* With room for all that the flood may bring, to be written over. */
static void fill(int file, double bytes)
{
	char *zeroes = calloc(1, MIB);

	for (double at = 0; at < bytes; at += MIB)
		if (!zeroes || write(file, zeroes, MIB) != MIB)
			die("cannot fill a file: %s", strerror(errno));
	free(zeroes);
	lseek(file, 0, SEEK_SET);
}

static int open_file(const struct capture *capture, const struct flood *flood)
{
	int file = bench_file(capture->disk ? bench.build : SANDBOX_TMPFS);

	if (capture->over)
		fill(file, flood->frames * (double)(flood->size + FRAME_OVERHEAD));
	return file;
}

bool capture_run(const struct capture *capture, struct flood *flood, struct capture_totals *totals,
		 char *why, size_t size)
{
	const struct program_opts opts = { .name = capture->program,
					   .counted = true,
					   .reason = capture->reasons };
	struct program program = { 0 };
	struct reader reader = { 0 };
	int file;
	bool started;

	if (program_load(&program, &opts, why, size))
		return false;
	program_attach(&program, ifindex);
	file = open_file(capture, flood);
	started = start(capture, &reader, &program, file, why, size);
	if (started) {
		flood->ifname = PEERNAME;
		flood_run(flood);
		stop(capture, &reader, &program, totals);
		totals->offered = flood->sent;
		totals->took = flood->took;
		totals->bytes = lseek(file, 0, SEEK_END);
	}
	close(file);
	program_unload(&reader.at_exit);
	program_detach(ifindex);
	program_unload(&program);
	return started;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * The readers of the baselines. libbpf's for the rings and the perf events; a plain loop for the
 * floor, which no tool can undercut.
 */
#include "peer.h"

#include <bpf/bpf.h>
#include <linux/perf_event.h>
#include <signal.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"
#include "exit_record.h"
#include "plain.h"

#define PERF_PAGES 4096 /* as many bytes as a ring has */
#define PERF_BATCH 64
#define POLL_MS 20
#define STREAM_BYTES (256 * 1024)

struct pcap_header {
	__u32 magic;
	__u16 major, minor;
	__u32 zone, accuracy, snaplen, linktype;
};

struct pcap_record {
	__u32 seconds, microseconds, caplen, len;
};

static volatile sig_atomic_t stopped;
static FILE *stream;
static __u64 boot_ns; /* since the epoch, when CLOCK_MONOTONIC was 0 */

static void stop(int signal_number)
{
	(void)signal_number;
	stopped = 1;
}

static void open_stream(int out)
{
	static const struct pcap_header header = { 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1 };

	if (out < 0)
		return;
	stream = fdopen(out, "w");
	setvbuf(stream, NULL, _IOFBF, STREAM_BYTES);
	fwrite(&header, sizeof(header), 1, stream);
}

static __u64 clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

static void write_frame(const void *bytes, __u16 len, __u64 ns)
{
	struct pcap_record record = { .seconds = ns / 1000000000,
				      .microseconds = ns % 1000000000 / 1000,
				      .caplen = len,
				      .len = len };

	fwrite(&record, sizeof(record), 1, stream);
	fwrite(bytes, len, 1, stream);
}

/* A record as bench.bpf.c's struct fixed_record has it, and time as user space sees it. */
static int on_record(void *data, void *bytes, size_t size)
{
	__u16 len = *(__u16 *)bytes;

	(void)data;
	if (stream && len <= size)
		write_frame((char *)bytes + sizeof(len), len, clock_ns(CLOCK_REALTIME));
	return 0;
}

static int on_exit_record(void *data, void *bytes, size_t size)
{
	const struct exit_record *record = bytes;

	(void)data;
	if (stream && size >= sizeof(*record))
		write_frame(record->data, record->len, boot_ns + record->timestamp);
	return 0;
}

static enum bpf_perf_event_ret on_event(void *data, int cpu, struct perf_event_header *event)
{
	(void)data;
	(void)cpu;
	(void)event;
	return LIBBPF_PERF_EVENT_CONT;
}

static void ready(void)
{
	dprintf(STDERR_FILENO, "ready\n");
}

static int ring_of(const struct program *program, int cpu)
{
	__u32 id;

	if (bpf_map_lookup_elem(program_map(program, "rings"), &cpu, &id))
		return -1;
	return bpf_map_get_fd_by_id(id);
}

static struct ring_buffer *open_rings(const struct peer *peer)
{
	ring_buffer_sample_fn on_each = peer->kind == PEER_EXIT_RINGS ? on_exit_record : on_record;
	struct ring_buffer *rings;
	int other;

	if (peer->kind == PEER_RING)
		return ring_buffer__new(program_map(peer->program, "shared"), on_record, NULL,
					NULL);
	other = ring_of(peer->program, bench.reader_cpu);
	rings = ring_buffer__new(ring_of(peer->program, bench.work_cpu), on_each, NULL, NULL);
	if (rings && bench.reader_cpu != bench.work_cpu &&
	    ring_buffer__add(rings, other, on_each, NULL))
		return NULL;
	return rings;
}

static void read_rings(const struct peer *peer)
{
	struct ring_buffer *rings = open_rings(peer);

	if (!rings)
		die("ring buffer: %s", strerror(errno));
	ready();
	while (!stopped)
		ring_buffer__poll(rings, POLL_MS);
	ring_buffer__consume(rings);
}

static struct perf_event_attr perf_attributes(enum peer_kind kind)
{
	struct perf_event_attr attr = {
		.size = sizeof(attr),
		.type = PERF_TYPE_SOFTWARE,
		.config = PERF_COUNT_SW_BPF_OUTPUT,
		.sample_type = PERF_SAMPLE_RAW,
	};

	if (kind == PEER_PERF_EACH) {
		attr.watermark = 1;
		attr.wakeup_watermark = 1;
	} else {
		attr.wakeup_events = PERF_BATCH;
	}
	return attr;
}

static void read_events(const struct peer *peer)
{
	struct perf_event_attr attr = perf_attributes(peer->kind);
	int cpus[] = { bench.work_cpu, bench.reader_cpu };
	LIBBPF_OPTS(perf_buffer_raw_opts, opts, .cpus = cpus, .map_keys = cpus,
		    .cpu_cnt = bench.work_cpu == bench.reader_cpu ? 1 : 2);
	struct perf_buffer *buffer = perf_buffer__new_raw(program_map(peer->program, "events"),
							  PERF_PAGES, &attr, on_event, NULL, &opts);

	if (!buffer)
		die("perf buffer: %s", strerror(errno));
	ready();
	while (!stopped)
		perf_buffer__poll(buffer, POLL_MS);
	perf_buffer__consume(buffer);
}

static void read_plainly(const struct peer *peer)
{
	struct plain_ring rings[2];
	int count = 0;

	if (peer->kind == PEER_PLAIN)
		plain_open(&rings[count++], program_map(peer->program, "shared"));
	else {
		plain_open(&rings[count++], ring_of(peer->program, bench.work_cpu));
		if (bench.reader_cpu != bench.work_cpu)
			plain_open(&rings[count++], ring_of(peer->program, bench.reader_cpu));
	}
	ready();
	while (!stopped) {
		for (int i = 0; i < count; i++)
			plain_drain(&rings[i]);
		usleep(500);
	}
}

static void read_all(void *data)
{
	const struct peer *peer = data;

	signal(SIGTERM, stop);
	boot_ns = clock_ns(CLOCK_REALTIME) - clock_ns(CLOCK_MONOTONIC);
	open_stream(peer->out);
	switch (peer->kind) {
	case PEER_RING:
	case PEER_RINGS:
	case PEER_EXIT_RINGS:
		read_rings(peer);
		break;
	case PEER_PERF_EACH:
	case PEER_PERF_BATCH:
		read_events(peer);
		break;
	default:
		read_plainly(peer);
	}
	if (stream && fclose(stream))
		die("file: %s", strerror(errno));
}

bool peer_start(struct peer *peer, char *why, size_t size)
{
	int status;

	process_fork(&peer->child, read_all, peer, bench.reader_cpu);
	if (process_said(&peer->child, "ready"))
		return true;
	process_wait(&peer->child, &status);
	snprintf(why, size, "%s", process_last_line(&peer->child));
	return false;
}

double peer_stop(struct peer *peer)
{
	int status;
	double cpu;

	kill(peer->child.pid, SIGTERM);
	cpu = process_wait(&peer->child, &status);
	if (status)
		die("reader: %s", process_last_line(&peer->child));
	return cpu;
}

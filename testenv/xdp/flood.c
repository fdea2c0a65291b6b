// SPDX-License-Identifier: GPL-2.0-only
/*
 * Floods the other end of a veth pair: live test runs of a program that returns XDP_TX on this
 * end, which costs the sender less than the receiver. Where the kernel has no live test runs
 * (before 5.18) it sends through AF_PACKET sockets, and says so.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <getopt.h>
#include <limits.h>
#include <linux/if_link.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "helper.h"

#define BATCH 64
#define MAX_THREADS 64
#define MAX_PACKET_RATE 200000 /* up to here packets keep the rate more evenly than test runs */
#define MAX_LIVE_SIZE 3400 /* a page less head room, tail room and the kernel's own page header */

struct sender {
	pthread_t thread;
	int cpu; /* -1: any */
	long share;
	long sent;
	long rate;
	uint8_t frame[MAX_FRAME_SIZE];
};

static struct {
	const char *ifname;
	const char *object;
	__u32 ifindex;
	long count, rate, size, seconds, cpu, threads, verdict;
	bool packet;
} opts = { .count = 1000000, .size = 64, .seconds = 60, .cpu = -1, .threads = 1, .verdict = 1 };

static volatile sig_atomic_t stopped;
static int program_fd = -1;

static void stop(int signal_number)
{
	(void)signal_number;
	stopped = 1;
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec + time.tv_nsec / 1e9;
}

/* A UDP frame to the discard port of an address reserved for documentation. */
static void build(struct sender *sender, int index)
{
	static const uint8_t start[] = {
		0x02, 0,    0,	  0,	0,    0x01, 0,	  0,	0,    0,    0,	  0,	0x08,
		0x00, 0x45, 0,	  0,	0,    0,    0,	  0,	0,    0x40, 0x11, 0,	0,
		0xc6, 0x33, 0x64, 0x02, 0xc6, 0x33, 0x64, 0x01, 0x23, 0x28, 0x00, 0x09,
	};
	struct frame_id id = { .sender = index % FRAME_SENDERS, .verdict = opts.verdict };
	long ip = opts.size - FRAME_HEADER, udp = ip - 20;

	memcpy(sender->frame, start, sizeof(start));
	frame_mark(sender->frame, &id);
	sender->frame[16] = ip >> 8;
	sender->frame[17] = ip;
	sender->frame[38] = udp >> 8;
	sender->frame[39] = udp;
}

static int send_live(const struct sender *sender, long frames)
{
	struct xdp_md context = { .data_end = opts.size, .ingress_ifindex = opts.ifindex };
	LIBBPF_OPTS(bpf_test_run_opts, run);
	int error;

	run.data_in = sender->frame;
	run.data_size_in = opts.size;
	run.ctx_in = &context;
	run.ctx_size_in = sizeof(context);
	run.repeat = frames;
	run.batch_size = BATCH;
	run.flags = BPF_F_TEST_XDP_LIVE_FRAMES;
	error = bpf_prog_test_run_opts(program_fd, &run);
	/* A signal ends the run early, after an unknown part of it. */
	return error == -EINTR || error == -EAGAIN ? 0 : error;
}

static int packet_socket(void)
{
	struct sockaddr_ll address = { .sll_family = AF_PACKET, .sll_ifindex = opts.ifindex };
	int fd = socket(AF_PACKET, SOCK_RAW, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)))
		die("packet socket on %s: %s", opts.ifname, strerror(errno));
	return fd;
}

static int send_packets(struct sender *sender, int fd, long frames)
{
	struct iovec bytes = { .iov_base = sender->frame, .iov_len = opts.size };
	struct mmsghdr messages[BATCH] = { 0 };

	for (int i = 0; i < BATCH; i++) {
		messages[i].msg_hdr.msg_iov = &bytes;
		messages[i].msg_hdr.msg_iovlen = 1;
	}
	while (frames > 0 && !stopped) {
		int sent = sendmmsg(fd, messages, frames < BATCH ? frames : BATCH, 0);

		if (sent < 0 && errno != ENOBUFS)
			return -errno;
		frames -= sent > 0 ? sent : 0;
	}
	return 0;
}

static void use_cpu(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (cpu >= 0 && sched_setaffinity(0, sizeof(set), &set))
		die("CPU %d: %s", cpu, strerror(errno));
}

/* Frames to send in one go: a millisecond's, as an even flood needs. */
static long portion(const struct sender *sender)
{
	long most = sender->rate ? sender->rate / 1000 + 1 : 65536;
	long left = sender->share - sender->sent;

	return left < most ? left : most;
}

static void *run(void *data)
{
	struct sender *sender = data;
	int fd = opts.packet ? packet_socket() : -1;
	double start, end;

	use_cpu(sender->cpu);
	start = now();
	end = start + opts.seconds;
	while (!stopped && sender->sent < sender->share && now() < end) {
		double due = sender->rate ? start + (double)sender->sent / sender->rate : 0;
		double early = due - now();
		long frames = portion(sender);
		int error;

		if (early > 0) {
			usleep(early * 1e6 + 1);
			continue;
		}
		error = opts.packet ? send_packets(sender, fd, frames) : send_live(sender, frames);
		if (error)
			die("sending on %s: %s", opts.ifname, strerror(-error));
		sender->sent += frames;
	}
	return NULL;
}

/*
 * The veth driver takes frames from a test run only where a program is attached. When that is the
 * program of the test run, the kernel's XDP dispatcher knows it already, and a run starts at once
 * and not after 20 ms. It sends back what the interface receives, but nobody sends there.
 */
static bool attach_sender(int fd)
{
	LIBBPF_OPTS(bpf_xdp_query_opts, query);
	int error = bpf_xdp_query(opts.ifindex, 0, &query);

	if (error)
		die("query of %s: %s", opts.ifname, strerror(-error));
	if (query.prog_id)
		return false;
	error = bpf_xdp_attach(opts.ifindex, fd, XDP_FLAGS_DRV_MODE, NULL);
	if (error)
		die("cannot attach to %s: %s", opts.ifname, strerror(-error));
	return true;
}

static bool load(void)
{
	struct bpf_object *object = bpf_object__open_file(opts.object, NULL);
	struct sender probe = { 0 };

	if (!object || bpf_object__load(object))
		die("%s: %s", opts.object, strerror(errno));
	program_fd = bpf_program__fd(bpf_object__find_program_by_name(object, "flood_send"));
	build(&probe, 0);
	if (opts.size > MAX_LIVE_SIZE || send_live(&probe, 0) == -EINVAL)
		opts.packet = true;
	return !opts.packet && attach_sender(program_fd);
}

static long arrived(void)
{
	char path[128];
	long packets = -1;
	FILE *file;

	snprintf(path, sizeof(path), "/sys/class/net/%s/statistics/tx_packets", opts.ifname);
	file = fopen(path, "r");
	if (file && fscanf(file, "%ld", &packets) != 1)
		packets = -1;
	if (file)
		fclose(file);
	return packets;
}

static void flood(void)
{
	static struct sender senders[MAX_THREADS];
	double start, seconds;
	long sent = 0, before = arrived(), after;

	start = now();
	for (long i = 0; i < opts.threads; i++) {
		struct sender *sender = &senders[i];

		sender->cpu = opts.cpu < 0 ? -1 : opts.cpu + i;
		sender->share = opts.count / opts.threads + (i < opts.count % opts.threads);
		sender->rate = opts.rate / opts.threads;
		build(sender, i);
		if (pthread_create(&sender->thread, NULL, run, sender))
			die("cannot start a thread");
	}
	for (long i = 0; i < opts.threads; i++) {
		pthread_join(senders[i].thread, NULL);
		sent += senders[i].sent;
	}
	seconds = now() - start;
	after = arrived();
	printf("%ld frames of %ld bytes sent in %.3f s, %.3f Mpps", sent, opts.size, seconds,
	       sent / seconds / 1e6);
	if (before >= 0 && after >= before)
		printf(", %ld received at the other end", after - before);
	putchar('\n');
	if (!opts.packet && before >= 0 && after - before < sent / 100)
		fputs("flood: the other end takes such frames only while an XDP program is "
		      "attached to it\n",
		      stderr);
}

static void help(void)
{
	puts("Usage: flood [options] OBJECT IFNAME\n\n"
	     "Floods the other end of the veth IFNAME. OBJECT is flood.bpf.o.\n\n"
	     "  -n, --count N      frames [1000000]\n"
	     "  -t, --seconds N    time limit [60]\n"
	     "  -r, --rate PPS     frames per second, 0 for as many as possible [0]\n"
	     "  -s, --size N       bytes of a frame, 42 to 65000 [64]\n"
	     "  -c, --cpu N        CPU of the first thread, the next ones on N + 1 ... [any]\n"
	     "  -j, --threads N    [1]\n"
	     "  -V, --verdict NAME that the frames ask of a test program [drop]\n"
	     "  -p, --packet       send through AF_PACKET sockets, as it does below 200000 PPS");
}

static const struct option long_options[] = {
	{ "count", 1, NULL, 'n' },   { "seconds", 1, NULL, 't' },
	{ "rate", 1, NULL, 'r' },    { "size", 1, NULL, 's' },
	{ "cpu", 1, NULL, 'c' },     { "threads", 1, NULL, 'j' },
	{ "verdict", 1, NULL, 'V' }, { "packet", 0, NULL, 'p' },
	{ "help", 0, NULL, 'h' },    { 0 },
};

static void set_option(int option, char *value)
{
	switch (option) {
	case 'n':
		opts.count = number(value, 1, INT_MAX);
		break;
	case 't':
		opts.seconds = number(value, 1, 86400);
		break;
	case 'r':
		opts.rate = number(value, 0, INT_MAX);
		break;
	case 's':
		opts.size = number(value, 42, MAX_FRAME_SIZE);
		break;
	case 'c':
		opts.cpu = number(value, 0, CPU_SETSIZE - 1);
		break;
	case 'j':
		opts.threads = number(value, 1, MAX_THREADS);
		break;
	case 'V':
		opts.verdict = word(value, verdict_names, FRAME_VERDICTS);
		break;
	case 'p':
		opts.packet = true;
		break;
	case 'h':
		help();
		exit(0);
	default:
		exit(2);
	}
}

int main(int argc, char **argv)
{
	bool attached = false, asked;
	int option;

	while ((option = getopt_long(argc, argv, "n:t:r:s:c:j:V:ph", long_options, NULL)) != -1)
		set_option(option, optarg);
	if (argc - optind != 2)
		die("needs an object file and an interface; see --help");
	opts.object = argv[optind];
	opts.ifname = argv[optind + 1];
	opts.ifindex = if_nametoindex(opts.ifname);
	if (!opts.ifindex)
		die("no interface '%s'", opts.ifname);
	signal(SIGINT, stop);
	signal(SIGTERM, stop);
	if (opts.rate && opts.rate <= MAX_PACKET_RATE)
		opts.packet = true;
	asked = opts.packet;
	if (!opts.packet)
		attached = load();
	if (opts.packet && !asked)
		fputs("flood: no live frames of this size here, sending through AF_PACKET\n",
		      stderr);
	flood();
	if (attached)
		bpf_xdp_attach(opts.ifindex, -1, XDP_FLAGS_DRV_MODE, NULL);
	return 0;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs a loaded program on frames of which only the first bytes are in its linear part, as some
 * drivers pass them on. Exit status 2: this kernel cannot do that.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <bpf/bpf.h>
#include <getopt.h>
#include <limits.h>
#include <linux/bpf.h>
#include <net/if.h>
#include <stdbool.h>

#include "helper.h"
#include "reference.h"

static long count = 1, size = 64, linear = -1, verdict = 1;

static void build(uint8_t *frame, long n)
{
	struct frame_id id = { .number = n, .verdict = verdict };

	for (long i = 0; i < size; i++)
		frame[i] = i * 7 + n + (i >> 8);
	frame_mark(frame, &id);
}

static int run(int fd, __u32 ifindex, uint8_t *frame, __u32 *action)
{
	static uint8_t out[MAX_FRAME_SIZE];
	struct xdp_md context = { .data_end = linear < 0 ? size : linear };
	LIBBPF_OPTS(bpf_test_run_opts, opts);
	int error;

	context.ingress_ifindex = ifindex;
	opts.data_in = frame;
	opts.data_size_in = size;
	opts.data_out = out;
	opts.data_size_out = sizeof(out);
	opts.ctx_in = &context;
	opts.ctx_size_in = sizeof(context);
	opts.repeat = 1;
	error = bpf_prog_test_run_opts(fd, &opts);
	*action = opts.retval;
	if (!error && (opts.data_size_out != size || memcmp(frame, out, size)))
		die("the program changed the frame");
	return error;
}

static __u32 expected(void)
{
	return verdict == FRAME_VERDICT_INVALID ? FRAME_INVALID_ACTION : verdict;
}

static void run_all(int fd, __u32 ifindex)
{
	static uint8_t frame[MAX_FRAME_SIZE];

	for (long n = 0; n < count; n++) {
		__u32 action;
		int error;

		build(frame, n);
		error = run(fd, ifindex, frame, &action);
		if (error == -EINVAL && !n) {
			fputs("testrun: this kernel runs no such frame\n", stderr);
			exit(2);
		}
		if (error)
			die("test run: %s", strerror(-error));
		if (action != expected())
			die("frame %ld: the program returned %u, not %u", n, action, expected());
		reference_write(frame, size);
	}
}

static void help(void)
{
	puts("Usage: testrun [options] PROGRAM_ID IFNAME\n\n"
	     "  -n, --count N         frames [1]\n"
	     "  -s, --size N          bytes of a frame, 14 to 65000 [64]\n"
	     "  -l, --linear N        bytes in the linear part [all]\n"
	     "  -V, --verdict NAME    that the frame asks for [drop]\n"
	     "  -r, --reference FILE  write the frames to a pcap file");
}

static const struct option long_options[] = {
	{ "count", 1, NULL, 'n' },
	{ "size", 1, NULL, 's' },
	{ "linear", 1, NULL, 'l' },
	{ "verdict", 1, NULL, 'V' },
	{ "reference", 1, NULL, 'r' },
	{ "help", 0, NULL, 'h' },
	{ 0 },
};

static void set_option(int option, char *value)
{
	switch (option) {
	case 'n':
		count = number(value, 1, FRAME_NUMBERS);
		break;
	case 's':
		size = number(value, FRAME_HEADER, MAX_FRAME_SIZE);
		break;
	case 'l':
		linear = number(value, 0, MAX_FRAME_SIZE);
		break;
	case 'V':
		verdict = word(value, verdict_names, FRAME_VERDICTS);
		break;
	case 'r':
		reference_open(value);
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
	int option, fd;

	while ((option = getopt_long(argc, argv, "n:s:l:V:r:h", long_options, NULL)) != -1)
		set_option(option, optarg);
	if (argc - optind != 2)
		die("needs a program's id and an interface; see --help");
	fd = bpf_prog_get_fd_by_id(number(argv[optind], 1, INT_MAX));
	if (fd < 0)
		die("no program with id %s", argv[optind]);
	run_all(fd, if_nametoindex(argv[optind + 1]));
	reference_close();
	return 0;
}

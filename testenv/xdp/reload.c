// SPDX-License-Identifier: GPL-2.0-only
/*
 * Replaces an interface's program by the same one again and again, as a daemon does that loads it
 * for each change of its rules: every time with a new id, and with a hook of its own. In between
 * frames ask it to drop them, once a capture is in its hook.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <getopt.h>
#include <linux/bpf.h>
#include <net/if.h>
#include <unistd.h>

#include "helper.h"
#include "reference.h"

#define SIZE 64
#define LOOK_US 1000

static long reloads = 1, every = 1, frames = 1, sent;
static const char *table_pin;
static __u32 ifindex;

static struct bpf_object *load(const char *path, const char *name, int *fd)
{
	struct bpf_object *object = bpf_object__open_file(path, NULL);
	struct bpf_program *program;

	if (!object)
		die("%s: %s", path, strerror(errno));
	bpf_object__for_each_program(program, object)
		bpf_program__set_autoload(program, !strcmp(bpf_program__name(program), name));
	program = bpf_object__find_program_by_name(object, name);
	if (!program || bpf_object__load(object))
		die("%s: cannot load '%s': %s", path, name, strerror(errno));
	*fd = bpf_program__fd(program);
	return object;
}

/* For aborted and drop: a capture fills them one after the other. */
static void await_capture(const struct bpf_object *object)
{
	int map = bpf_object__find_map_fd_by_name(object, "xdpdrop_hook");

	if (map < 0)
		die("the program has no hook");
	for (__u32 slot = XDP_ABORTED; slot <= XDP_DROP;) {
		__u32 id;

		if (!bpf_map_lookup_elem(map, &slot, &id))
			slot++;
		else if (errno == ENOENT)
			usleep(LOOK_US);
		else
			die("hook: %s", strerror(errno));
	}
}

static void drop_frame(int fd)
{
	struct frame_id id = { .number = sent++, .verdict = XDP_DROP };
	struct xdp_md context = { .data_end = SIZE, .ingress_ifindex = ifindex };
	LIBBPF_OPTS(bpf_test_run_opts, opts);
	uint8_t frame[SIZE];
	int err;

	memset(frame, 0x11, sizeof(frame));
	frame_mark(frame, &id);
	opts.data_in = frame;
	opts.data_size_in = SIZE;
	opts.ctx_in = &context;
	opts.ctx_size_in = sizeof(context);
	opts.repeat = 1;
	err = bpf_prog_test_run_opts(fd, &opts);
	if (err == -EINVAL && sent == 1) {
		fputs("reload: this kernel makes no test runs for an interface\n", stderr);
		exit(2);
	}
	if (err || opts.retval != XDP_DROP)
		die("test run: %s, verdict %u", strerror(-err), opts.retval);
	reference_write(frame, SIZE);
}

/* The kernel takes 20 ms and more for an attach, and next to nothing for a slot of a table. */
static void put(int fd, int table)
{
	__u32 slot = 0;
	int err;

	if (table >= 0)
		err = bpf_map_update_elem(table, &slot, &fd, BPF_ANY) ? -errno : 0;
	else
		err = bpf_xdp_attach(ifindex, fd, 0, NULL);
	if (err)
		die("%s: %s", table < 0 ? "attach" : table_pin, strerror(-err));
}

static void run(const char *path, const char *name)
{
	int table = table_pin ? bpf_obj_get(table_pin) : -1;
	struct bpf_object *last = NULL;

	if (table_pin && table < 0)
		die("%s: %s", table_pin, strerror(errno));

	for (long n = 1; n <= reloads; n++) {
		int fd;
		struct bpf_object *object = load(path, name, &fd);

		put(fd, table);
		bpf_object__close(last);
		last = object;
		if (n % every)
			continue;
		await_capture(object);
		for (long frame = 0; frame < frames; frame++)
			drop_frame(fd);
	}
	bpf_object__close(last);
}

static void help(void)
{
	puts("Usage: reload [options] IFNAME FILE PROGRAM\n\n"
	     "  -n, --count N         reloads [1]\n"
	     "  -e, --every N         frames come after each Nth of them [1]\n"
	     "  -f, --frames N        so many each time [1]\n"
	     "  -t, --table PIN       into the first slot of this tail-call table [attach]\n"
	     "  -r, --reference FILE  write the frames to a pcap file\n\n"
	     "Prints how many frames there were.");
}

static const struct option long_options[] = {
	{ "count", 1, NULL, 'n' },
	{ "every", 1, NULL, 'e' },
	{ "frames", 1, NULL, 'f' },
	{ "reference", 1, NULL, 'r' },
	{ "table", 1, NULL, 't' },
	{ "help", 0, NULL, 'h' },
	{ 0 },
};

static void set_option(int option, char *value)
{
	switch (option) {
	case 'n':
		reloads = number(value, 1, 1000000);
		break;
	case 'e':
		every = number(value, 1, 1000000);
		break;
	case 'f':
		frames = number(value, 1, 1000);
		break;
	case 't':
		table_pin = value;
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
	int option;

	while ((option = getopt_long(argc, argv, "n:e:f:t:r:h", long_options, NULL)) != -1)
		set_option(option, optarg);
	if (argc - optind != 3)
		die("needs an interface, a file and a program; see --help");
	ifindex = if_nametoindex(argv[optind]);
	if (!ifindex)
		die("no interface '%s'", argv[optind]);
	run(argv[optind + 1], argv[optind + 2]);
	reference_close();
	printf("%ld\n", sent);
	return 0;
}

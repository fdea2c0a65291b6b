// SPDX-License-Identifier: GPL-2.0-only
/*
 * Attaches XDP programs in the ways that daemons do, without libxdp: by netlink or by a bpf_link,
 * with a chosen expected attach type, replacing only what is expected; and reads their counters.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <getopt.h>
#include <limits.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <unistd.h>

#include "bpf/emptying.h"
#include "helper.h"

#define MAX_PINS 8
#define MAX_FDS 256
/* BPF_F_XDP_DEV_BOUND_ONLY, which older headers do not have. */
#define XDP_DEV_BOUND_ONLY (1U << 6)

static struct {
	__u32 mode;
	const char *link_pin;
	const char *pins[MAX_PINS];
	int pin_count;
	int attach_type; /* -1: libbpf's choice */
	long old_id;	 /* -1: whatever is there */
	__u32 bound;	 /* load only for this interface, 0: for any */
} opts = { .attach_type = -1, .old_id = -1 };

static __u32 interface(const char *name)
{
	__u32 ifindex = if_nametoindex(name);

	if (!ifindex)
		die("no interface '%s'", name);
	return ifindex;
}

static __u32 id_of(int fd)
{
	struct bpf_prog_info info = { 0 };
	__u32 size = sizeof(info);

	if (bpf_obj_get_info_by_fd(fd, &info, &size))
		die("program information: %s", strerror(errno));
	return info.id;
}

static void pin_maps(struct bpf_object *object)
{
	for (int i = 0; i < opts.pin_count; i++) {
		char name[64];
		const char *path = strchr(opts.pins[i], '=');
		struct bpf_map *map;

		if (!path)
			die("'%s' is not MAP=PATH", opts.pins[i]);
		snprintf(name, sizeof(name), "%.*s", (int)(path - opts.pins[i]), opts.pins[i]);
		map = bpf_object__find_map_by_name(object, name);
		if (!map || bpf_map__pin(map, path + 1))
			die("cannot pin map '%s' at %s", name, path + 1);
	}
}

/* Load the one program called @name; the others of @path stay unloaded. */
static int load(const char *path, const char *name)
{
	struct bpf_object *object = bpf_object__open_file(path, NULL);
	struct bpf_program *program, *chosen;

	if (!object)
		die("%s: %s", path, strerror(errno));
	chosen = bpf_object__find_program_by_name(object, name);
	if (!chosen)
		die("%s has no program '%s'", path, name);
	bpf_object__for_each_program(program, object)
		bpf_program__set_autoload(program, program == chosen);
	if (opts.attach_type >= 0)
		bpf_program__set_expected_attach_type(chosen, opts.attach_type);
	if (opts.bound) {
		bpf_program__set_ifindex(chosen, opts.bound);
		bpf_program__set_flags(chosen, XDP_DEV_BOUND_ONLY);
	}
	if (bpf_object__load(object))
		die("%s: cannot load '%s': %s", path, name, strerror(errno));
	pin_maps(object);
	return bpf_program__fd(chosen);
}

static void attach(const char *ifname, int fd)
{
	LIBBPF_OPTS(bpf_xdp_attach_opts, replace);
	__u32 flags = opts.mode;
	int error;

	if (opts.old_id >= 0)
		flags |= XDP_FLAGS_REPLACE;
	replace.old_prog_fd = opts.old_id > 0 ? bpf_prog_get_fd_by_id(opts.old_id) : 0;
	if (replace.old_prog_fd < 0)
		die("no program with id %ld", opts.old_id);
	error = bpf_xdp_attach(interface(ifname), fd, flags, opts.old_id > 0 ? &replace : NULL);
	if (error)
		die("%s: %s", ifname, strerror(-error));
}

static void link_program(const char *ifname, int fd)
{
	LIBBPF_OPTS(bpf_link_create_opts, create, .flags = opts.mode);
	int link = bpf_link_create(fd, interface(ifname), BPF_XDP, &create);

	if (link < 0)
		die("link on %s: %s", ifname, strerror(errno));
	if (bpf_obj_pin(link, opts.link_pin))
		die("%s: %s", opts.link_pin, strerror(errno));
}

/* load IFNAME FILE PROGRAM */
static void run_load(char **args)
{
	int fd = load(args[1], args[2]);

	if (opts.link_pin)
		link_program(args[0], fd);
	else
		attach(args[0], fd);
	printf("%u\n", id_of(fd));
}

/* link IFNAME ID: another link of a program that is there */
static void run_link(char **args)
{
	int fd = bpf_prog_get_fd_by_id(number(args[1], 1, INT_MAX));

	if (fd < 0 || !opts.link_pin)
		die("needs a program that is there, and --link");
	link_program(args[0], fd);
}

/* update LINK FILE PROGRAM */
static void run_update(char **args)
{
	LIBBPF_OPTS(bpf_link_update_opts, update);
	int link = bpf_obj_get(args[0]);
	int fd = load(args[1], args[2]);

	if (link < 0)
		die("%s: %s", args[0], strerror(errno));
	if (opts.old_id > 0) {
		update.flags = BPF_F_REPLACE;
		update.old_prog_fd = bpf_prog_get_fd_by_id(opts.old_id);
	}
	if (bpf_link_update(link, fd, &update))
		die("link update: %s", strerror(errno));
	printf("%u\n", id_of(fd));
}

/* detach IFNAME */
static void run_detach(char **args)
{
	attach(args[0], -1);
}

/* id IFNAME: program id and mode, "0 none" when nothing is attached */
static void run_id(char **args)
{
	static const char *const modes[] = { "none", "native", "skb", "hw", "multi" };
	LIBBPF_OPTS(bpf_xdp_query_opts, query);
	int error = bpf_xdp_query(interface(args[0]), 0, &query);

	if (error)
		die("query of %s: %s", args[0], strerror(-error));
	printf("%u %s\n", query.prog_id, query.attach_mode < 5 ? modes[query.attach_mode] : "?");
}

/* counts PIN: what a test program's map says, summed over the CPUs */
static void run_counts(char **args)
{
	int cpus = libbpf_num_possible_cpus(), fd = bpf_obj_get(args[0]);
	__u64 values[1024];

	if (fd < 0 || cpus < 1 || cpus > 1024)
		die("%s: %s", args[0], strerror(errno));
	for (__u32 key = 0; key < FRAME_VERDICTS; key++) {
		__u64 sum = 0;

		if (bpf_map_lookup_elem(fd, &key, values))
			die("%s: %s", args[0], strerror(errno));
		for (int cpu = 0; cpu < cpus; cpu++)
			sum += values[cpu];
		printf("%s=%llu%c", verdict_names[key], (unsigned long long)sum,
		       key < FRAME_VERDICTS - 1 ? ' ' : '\n');
	}
}

static int open_table(const char *pin, __u32 *slots)
{
	struct bpf_map_info info = { 0 };
	__u32 size = sizeof(info);
	int fd = bpf_obj_get(pin);

	if (fd < 0 || bpf_obj_get_info_by_fd(fd, &info, &size))
		die("%s: %s", pin, strerror(errno));
	*slots = info.max_entries;
	return fd;
}

/* slots PIN: ids of the programs in a PROG_ARRAY, 0 for an empty slot */
static void run_slots(char **args)
{
	__u32 slots;
	int fd = open_table(args[0], &slots);

	for (__u32 key = 0; key < slots; key++) {
		__u32 id = 0;

		if (bpf_map_lookup_elem(fd, &key, &id) && errno != ENOENT)
			die("%s: %s", args[0], strerror(errno));
		printf("%u%c", id, key < slots - 1 ? ' ' : '\n');
	}
}

/* empty PIN: all slots of a PROG_ARRAY */
static void run_empty(char **args)
{
	__u32 slots;
	int fd = open_table(args[0], &slots);

	for (__u32 key = 0; key < slots; key++)
		bpf_map_delete_elem(fd, &key);
}

/* slot PIN INDEX FILE PROGRAM: put a program into a PROG_ARRAY; exit status 2 if refused */
static void run_slot(char **args)
{
	int map = bpf_obj_get(args[0]), fd = load(args[2], args[3]);
	__u32 key = number(args[1], 0, INT_MAX);

	if (map < 0)
		die("%s: %s", args[0], strerror(errno));
	if (!bpf_map_update_elem(map, &key, &fd, BPF_ANY))
		return;
	fprintf(stderr, "xload: slot %u: %s\n", key, strerror(errno));
	exit(errno == EINVAL ? 2 : 1);
}

/* cpu PIN KEY FILE PROGRAM: let a cpumap redirect to a CPU where the program runs */
static void run_cpu(char **args)
{
	int map = bpf_obj_get(args[0]), fd = load(args[2], args[3]);
	struct bpf_cpumap_val entry = { .qsize = 512, .bpf_prog.fd = fd };
	__u32 key = number(args[1], 0, INT_MAX);

	if (map < 0 || bpf_map_update_elem(map, &key, &entry, BPF_ANY))
		die("%s: %s", args[0], strerror(errno));
	printf("%u\n", id_of(fd));
}

/* dev PIN KEY IFNAME FILE PROGRAM: the same with a devmap and an interface */
static void run_dev(char **args)
{
	int map = bpf_obj_get(args[0]), fd = load(args[3], args[4]);
	struct bpf_devmap_val entry = { .ifindex = interface(args[2]), .bpf_prog.fd = fd };
	__u32 key = number(args[1], 0, INT_MAX);

	if (map < 0 || bpf_map_update_elem(map, &key, &entry, BPF_ANY))
		die("%s: %s", args[0], strerror(errno));
	printf("%u\n", id_of(fd));
}

/*
 * left FILE: which of the programs and maps "prog ID NAME", "map ID NAME" are there, but for
 * dispatchers. Opens none: a kernel may leak a PROG_ARRAY that is opened by its id while its last
 * user lets go of it.
 */
static void run_left(char **args)
{
	FILE *file = fopen(args[0], "r");
	char kind[8], name[64];
	__u32 id, next;

	while (file && fscanf(file, "%7s %u %63[^\n]", kind, &id, name) >= 2) {
		bool is_map = !strcmp(kind, "map");
		int err = is_map ? bpf_map_get_next_id(id - 1, &next) :
				   bpf_prog_get_next_id(id - 1, &next);

		if (!err && next == id && strncmp(name, "xdp_disp", 8) != 0)
			printf("%s %u %s\n", kind, id, name);
	}
	if (file)
		fclose(file);
}

/* targets: ids of the programs to which links of other programs are attached */
static void run_targets(char **args)
{
	__u32 id = 0;

	(void)args;
	while (!bpf_link_get_next_id(id, &id)) {
		struct bpf_link_info info = { 0 };
		__u32 size = sizeof(info);
		int fd = bpf_link_get_fd_by_id(id);

		if (fd < 0)
			continue;
		if (!bpf_obj_get_info_by_fd(fd, &info, &size) &&
		    info.type == BPF_LINK_TYPE_TRACING && info.tracing.target_obj_id)
			printf("%u\n", info.tracing.target_obj_id);
		close(fd);
	}
}

static const struct command {
	const char *name;
	int args;
	void (*run)(char **args);
} commands[] = {
	{ "load", 3, run_load },   { "update", 3, run_update }, { "detach", 1, run_detach },
	{ "id", 1, run_id },	   { "counts", 1, run_counts }, { "slots", 1, run_slots },
	{ "slot", 4, run_slot },   { "left", 1, run_left },	{ "link", 2, run_link },
	{ "cpu", 4, run_cpu },	   { "dev", 5, run_dev },	{ "targets", 0, run_targets },
	{ "empty", 1, run_empty },
};

static void help(void)
{
	puts("Usage: xload [options] COMMAND ...\n\n"
	     "  load IFNAME FILE PROGRAM   attach, print the program's id\n"
	     "  link IFNAME ID             attach a program that is there by a bpf_link, too\n"
	     "  update LINK FILE PROGRAM   replace the program of a pinned link\n"
	     "  detach IFNAME\n"
	     "  id IFNAME                  id and mode of what is attached\n"
	     "  counts PIN                 verdicts that a test program counted\n"
	     "  slots PIN                  ids of the programs in a PROG_ARRAY\n"
	     "  empty PIN                  empties them\n"
	     "  slot PIN N FILE PROGRAM    put a program into one\n"
	     "  cpu PIN N FILE PROGRAM     put a program and a CPU into a cpumap, print its id\n"
	     "  dev PIN N IFNAME FILE PROGRAM\n"
	     "                             the same with a devmap and an interface\n"
	     "  left FILE                  which programs and maps of a list are there\n"
	     "  targets                    ids of programs to which others are attached\n\n"
	     "  -m, --mode native|skb|auto [auto]\n"
	     "  -l, --link PIN             attach by a bpf_link, pinned there\n"
	     "  -p, --pin MAP=PATH         pin a map of the program\n"
	     "  -e, --attach-type none|xdp expected attach type at load\n"
	     "  -b, --bound IFNAME         load for this interface alone (device-bound)\n"
	     "  -r, --replace ID           only if this program is attached, 0: none");
}

static const struct option long_options[] = {
	{ "mode", 1, NULL, 'm' },  { "link", 1, NULL, 'l' },
	{ "pin", 1, NULL, 'p' },   { "attach-type", 1, NULL, 'e' },
	{ "bound", 1, NULL, 'b' }, { "replace", 1, NULL, 'r' },
	{ "help", 0, NULL, 'h' },  { 0 },
};

static void set_option(int option, char *value)
{
	static const char *const modes[] = { "auto", "native", "skb" };
	static const __u32 mode_flags[] = { 0, XDP_FLAGS_DRV_MODE, XDP_FLAGS_SKB_MODE };
	static const char *const types[] = { "none", "xdp" };

	switch (option) {
	case 'm':
		opts.mode = mode_flags[word(value, modes, 3)];
		break;
	case 'l':
		opts.link_pin = value;
		break;
	case 'e':
		opts.attach_type = word(value, types, 2) ? BPF_XDP : 0;
		break;
	case 'b':
		opts.bound = interface(value);
		break;
	case 'r':
		opts.old_id = number(value, 0, INT_MAX);
		break;
	case 'p':
		if (opts.pin_count == MAX_PINS)
			die("more than %d pins", MAX_PINS);
		opts.pins[opts.pin_count++] = value;
		break;
	case 'h':
		help();
		exit(0);
	default:
		exit(2);
	}
}

static void close_all(void *data)
{
	(void)data;
	for (int fd = STDERR_FILENO + 1; fd < MAX_FDS; fd++)
		close(fd);
}

int main(int argc, char **argv)
{
	int option;

	while ((option = getopt_long(argc, argv, "+m:l:p:e:b:r:h", long_options, NULL)) != -1)
		set_option(option, optarg);
	for (size_t i = 0; optind < argc && i < sizeof(commands) / sizeof(*commands); i++) {
		if (strcmp(argv[optind], commands[i].name))
			continue;
		if (argc - optind - 1 != commands[i].args)
			die("%s takes %d arguments", commands[i].name, commands[i].args);
		commands[i].run(argv + optind + 1);
		/* a capture that follows must not meet a hook that is yet to be emptied */
		emptying_run(close_all, NULL);
		return 0;
	}
	die("needs a command; see --help");
}

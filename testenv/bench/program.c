// SPDX-License-Identifier: GPL-2.0-only
/*
 * Programs by way of libbpf, and test runs.
 */
#include "program.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <linux/if_link.h>
#include <stdarg.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"
#include "constants.h"

#define MAX_RINGS 2

/* A struct xdpdrop_mark, which only BPF programs can include. */
static const __u32 tag[] = { 0x78647074, 1 };

static char said[160];

/* libbpf's first warning says what went wrong; the verifier's log is not for a table. */
static int keep_warning(enum libbpf_print_level level, const char *format, va_list args)
{
	if (level == LIBBPF_WARN && !*said)
		vsnprintf(said, sizeof(said), format, args);
	said[strcspn(said, "\n")] = '\0';
	return 0;
}

static int set_constants(struct bpf_object *object, const struct program_opts *opts)
{
	struct bpf_map *map = bpf_object__find_map_by_name(object, ".rodata");
	struct bench_constants constants = {
		.frame_bytes = opts->frame_bytes,
		.in_pieces = opts->pieces && (!opts->frame_bytes || opts->frame_bytes > MAX_LINEAR),
		.counted = opts->counted,
		.reason = opts->reason,
		.copy = opts->copy,
	};

	return bpf_map__set_initial_value(map, &constants, sizeof(constants));
}

static int share_map(struct bpf_object *object, struct bpf_object *other, const char *name)
{
	return bpf_map__reuse_fd(bpf_object__find_map_by_name(object, name),
				 bpf_object__find_map_fd_by_name(other, name));
}

/* The one program that is asked for. */
static int choose(struct bpf_object *object, const struct program_opts *opts)
{
	struct bpf_program *program;

	bpf_object__for_each_program(program, object)
	{
		bool chosen = !strcmp(bpf_program__name(program), opts->name);

		bpf_program__set_autoload(program, chosen);
		if (chosen && opts->pieces)
			bpf_program__set_flags(program, BPF_F_XDP_HAS_FRAGS);
	}
	if (opts->object)
		return 0;
	return bpf_map__set_max_entries(bpf_object__find_map_by_name(object, "rings"),
					libbpf_num_possible_cpus());
}

static int set_target(struct bpf_object *object, const struct program_opts *opts)
{
	return bpf_program__set_attach_target(bpf_object__find_program_by_name(object, opts->name),
					      opts->exit_of->fd, opts->exit_of->name);
}

static int attach_at_exit(struct program *program, const struct program_opts *opts)
{
	program->link = bpf_program__attach_trace(
		bpf_object__find_program_by_name(program->object, opts->name));
	return program->link ? 0 : -errno;
}

static int load(struct program *program, const struct program_opts *opts)
{
	char *path = bench_path(opts->object ?: "bench/bench.bpf.o");
	int error;

	program->object = bpf_object__open_file(path, NULL);
	free(path);
	if (!program->object)
		return -errno;
	error = opts->object ? 0 : set_constants(program->object, opts);
	error = error ?: choose(program->object, opts);
	if (!error && opts->exit_of)
		error = set_target(program->object, opts);
	if (!error && opts->rings_of)
		error = share_map(program->object, opts->rings_of, "shared") ?:
				share_map(program->object, opts->rings_of, "rings");
	error = error ?: bpf_object__load(program->object);
	if (!error && opts->exit_of)
		error = attach_at_exit(program, opts);
	if (error)
		program_unload(program);
	return error;
}

/* Rings for the CPUs that the bench uses; a large machine's others need none. */
static void fill_rings(const struct program *program)
{
	int cpus[MAX_RINGS] = { bench.work_cpu, bench.reader_cpu };
	int rings = program_map(program, "rings");

	for (int i = 0; i < MAX_RINGS; i++) {
		int ring =
			bpf_map_create(BPF_MAP_TYPE_RINGBUF, "bench_ring", 0, 0, RING_BYTES, NULL);

		if (ring < 0 || bpf_map_update_elem(rings, &cpus[i], &ring, BPF_ANY))
			die("ring buffer: %s", strerror(errno));
		close(ring);
	}
}

int program_load(struct program *program, const struct program_opts *opts, char *why, size_t size)
{
	int error;

	program->name = opts->name;
	libbpf_set_print(keep_warning);
	error = load(program, opts);
	if (error) {
		snprintf(why, size, "%s", *said ? said : strerror(-error));
		*said = '\0';
		return error;
	}
	program->fd =
		bpf_program__fd(bpf_object__find_program_by_name(program->object, opts->name));
	if (!opts->rings_of && strstr(opts->name, "percpu"))
		fill_rings(program);
	return 0;
}

void program_unload(struct program *program)
{
	bpf_link__destroy(program->link);
	bpf_object__close(program->object);
	program->link = NULL;
	program->object = NULL;
}

void program_attach(const struct program *program, __u32 ifindex)
{
	int error = bpf_xdp_attach(ifindex, program->fd, XDP_FLAGS_DRV_MODE, NULL);

	if (error)
		die("cannot attach to interface index %u: %s", ifindex, strerror(-error));
}

void program_detach(__u32 ifindex)
{
	bpf_xdp_detach(ifindex, XDP_FLAGS_DRV_MODE, NULL);
}

int program_map(const struct program *program, const char *name)
{
	return bpf_object__find_map_fd_by_name(program->object, name);
}

void program_pin(const struct program *program, const char *map, const char *path)
{
	if (bpf_obj_pin(program_map(program, map), path))
		die("cannot pin %s: %s", path, strerror(errno));
}

__u64 program_lost(const struct program *program)
{
	__u32 zero = 0;
	__u64 lost = 0;

	bpf_map_lookup_elem(program_map(program, ".bss"), &zero, &lost);
	return lost;
}

__u64 program_dropped(const struct program *program)
{
	int cpus = libbpf_num_possible_cpus();
	__u64 *values = calloc(cpus, sizeof(*values)), sum = 0;
	__u32 zero = 0;

	if (values && !bpf_map_lookup_elem(program_map(program, "dropped"), &zero, values))
		for (int i = 0; i < cpus; i++)
			sum += values[i];
	free(values);
	return sum;
}

/*
 * UDP from port 4000 to the discard port, between addresses reserved for documentation. In front
 * of it stands a tag.
 */
static const __u8 *build_frame(__u32 size)
{
	static const __u8 start[] = {
		0x02, 0,    0,	  0,	0,    0x01, 0x02, 0,	0,    0,    0,	  0x02, 0x08,
		0x00, 0x45, 0,	  0,	0,    0,    0,	  0x40, 0,    0x40, 0x11, 0,	0,
		0xc6, 0x33, 0x64, 0x02, 0xc6, 0x33, 0x64, 0x01, 0x0f, 0xa0, 0x00, 0x09,
	};
	static __u8 bytes[sizeof(tag) + MAX_FRAME], *frame = bytes + sizeof(tag);
	__u16 ip = htons(size - 14), udp = htons(size - 34);

	memcpy(bytes, tag, sizeof(tag));
	memcpy(frame, start, sizeof(start));
	memcpy(frame + 16, &ip, sizeof(ip));
	memcpy(frame + 38, &udp, sizeof(udp));
	return frame;
}

static int test_run(const struct program_run *run, __u32 *duration)
{
	__u32 meta = run->tagged ? sizeof(tag) : 0;
	struct xdp_md context = { .data = meta,
				  .data_end = meta + run->size,
				  .ingress_ifindex = run->ifindex };
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = build_frame(run->size) - meta,
		    .data_size_in = meta + run->size, .repeat = run->repeat);
	int error;

	if (run->ifindex || meta) {
		opts.ctx_in = &context;
		opts.ctx_size_in = sizeof(context);
	}
	error = bpf_prog_test_run_opts(run->fd, &opts);
	*duration = opts.duration;
	return error;
}

double program_ns(const struct program_run *run)
{
	__u32 duration;
	int error = test_run(run, &duration);

	return error ? error : (double)duration;
}

double program_cpu_ns(const struct program_run *run)
{
	struct timespec start, end;
	__u32 duration;
	int error;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &start);
	error = test_run(run, &duration);
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end);
	if (error)
		return error;
	return ((end.tv_sec - start.tv_sec) * 1e9 + (end.tv_nsec - start.tv_nsec)) / run->repeat;
}

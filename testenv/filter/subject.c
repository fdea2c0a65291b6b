// SPDX-License-Identifier: GPL-2.0-only
/*
 * The capture program outside of any hook. There are no rings, so that a frame that matches is
 * counted as lost; one that does not is counted as filtered.
 */
#include "subject.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bpf/constants.h"
#include "control.h"
#include "state.h"
#include "capture.skel.h"
#include "filter/inject.h"
#include "bpf/iface_map.h"
#include "bpf/probe.h"

#define LOOPBACK 1 /* the interface that test runs pretend to come from */

struct subject_maps {
	int cpus;
	int rings, control, states;
	struct xdpdrop_state *state; /* by CPU */
};

/* Each map is made by the first program and shared by the others. */
static int share(struct bpf_map *map, int fd)
{
	return fd < 0 ? 0 : bpf_map__reuse_fd(map, fd);
}

static int prepare(struct xdpdrop_capture_bpf *skel, const struct subject_maps *maps)
{
	const struct xdpdrop_constants constants = {
		.has_frags = probe(FEATURE_FRAGS),
		.has_unaligned_loads = probe(FEATURE_UNALIGNED_LOADS),
		.filtering = 1,
		.action = XDP_DROP,
		.verdict = XDP_DROP,
	};

	if (probe(FEATURE_FRAGS))
		bpf_program__set_flags(skel->progs.xdpdrop_capture, BPF_F_XDP_HAS_FRAGS);
	bpf_map__set_max_entries(skel->maps.xdpdrop_rings, maps->cpus);
	bpf_map__set_max_entries(skel->maps.xdpdrop_states, maps->cpus);
	if (share(skel->maps.xdpdrop_rings, maps->rings) ||
	    share(skel->maps.data_control, maps->control) ||
	    share(skel->maps.xdpdrop_states, maps->states))
		return -errno;
	return constants_put(skel->progs.xdpdrop_capture, &constants);
}

int subject_load(struct subject *subject, struct subject_maps *maps, const struct cbpf_code *code)
{
	struct xdpdrop_capture_bpf *skel = xdpdrop_capture_bpf__open();
	const __u32 loopback = LOOPBACK;
	int err;

	if (!skel)
		return -errno;
	err = prepare(skel, maps);
	if (!err && code)
		err = inject(skel->progs.xdpdrop_capture, code);
	if (!err)
		err = xdpdrop_capture_bpf__load(skel);
	if (!err)
		err = iface_map_put(bpf_map__fd(skel->maps.data_ifaces), 0, &loopback, 1);
	if (err) {
		xdpdrop_capture_bpf__destroy(skel);
		return err;
	}
	*subject = (struct subject){ maps, skel, bpf_program__fd(skel->progs.xdpdrop_capture) };
	return 0;
}

void subject_unload(struct subject *subject)
{
	xdpdrop_capture_bpf__destroy(subject->skel);
	subject->skel = NULL;
}

static int keep(struct subject_maps *maps, const struct xdpdrop_capture_bpf *skel)
{
	struct xdpdrop_control control = { .deadline_jiffies = -1ULL,
					   .snaplen = 256,
					   .watermark = 4096 };
	__u32 zero = 0;

	maps->rings = dup(bpf_map__fd(skel->maps.xdpdrop_rings));
	maps->control = dup(bpf_map__fd(skel->maps.data_control));
	maps->states = dup(bpf_map__fd(skel->maps.xdpdrop_states));
	maps->state = mmap(NULL, maps->cpus * sizeof(*maps->state), PROT_READ | PROT_WRITE,
			   MAP_SHARED, maps->states, 0);
	if (maps->state == MAP_FAILED)
		return -errno;
	return bpf_map_update_elem(maps->control, &zero, &control, BPF_ANY);
}

struct subject_maps *subject_maps_new(void)
{
	struct subject_maps *maps = calloc(1, sizeof(*maps));
	struct subject first;
	int err;

	if (!maps)
		return NULL;
	*maps = (struct subject_maps){ libbpf_num_possible_cpus(), -1, -1, -1, MAP_FAILED };
	err = subject_load(&first, maps, NULL);
	if (!err) {
		err = keep(maps, first.skel);
		subject_unload(&first);
	}
	if (!err)
		return maps;
	subject_maps_free(maps);
	errno = -err;
	return NULL;
}

void subject_maps_free(struct subject_maps *maps)
{
	if (maps->state != MAP_FAILED)
		munmap(maps->state, maps->cpus * sizeof(*maps->state));
	close(maps->rings);
	close(maps->control);
	close(maps->states);
	free(maps);
}

bool subject_has_frags(const struct subject_maps *maps)
{
	(void)maps;
	return probe(FEATURE_FRAGS);
}

static struct xdpdrop_counters sum(const struct subject_maps *maps)
{
	struct xdpdrop_counters all = {};

	for (int cpu = 0; cpu < maps->cpus; cpu++) {
		all.seen += maps->state[cpu].counters[0].seen;
		all.filtered += maps->state[cpu].counters[0].filtered;
		all.lost += maps->state[cpu].counters[0].lost;
		all.bytes += maps->state[cpu].counters[0].bytes;
	}
	return all;
}

int subject_decide(const struct subject *subject, const void *frame, __u32 size, __u32 linear)
{
	struct xdpdrop_counters before = sum(subject->maps), after;
	struct xdp_md context = { .data_end = linear };
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = frame, .data_size_in = size, .repeat = 1);

	if (linear) {
		opts.ctx_in = &context;
		opts.ctx_size_in = sizeof(context);
	}
	if (bpf_prog_test_run_opts(subject->program, &opts))
		return -errno;
	after = sum(subject->maps);
	if (opts.retval != XDP_DROP || after.seen != before.seen + 1 ||
	    after.bytes != before.bytes + size)
		return -EPROTO;
	if (after.filtered - before.filtered + after.lost - before.lost != 1)
		return -EPROTO;
	return after.lost - before.lost;
}

int subject_time(const struct subject *subject, const void *frame, __u32 size, __u32 repeat)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = frame, .data_size_in = size,
		    .repeat = repeat);

	if (bpf_prog_test_run_opts(subject->program, &opts))
		return -errno;
	return opts.duration;
}

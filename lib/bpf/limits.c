// SPDX-License-Identifier: LGPL-2.1-only
/*
 * The governor uses times measured by the programs. The kernel's run-time statistics do not help:
 * they count a tail-called program with its caller, and slow down every program.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "bpf/limits.h"

#define TICK_NS 100000000ULL
/* 100 % of a CPU's time, in the unit of max_overhead. */
#define WHOLE 100000

static __u64 limits_interval(__u32 rate, __u64 second)
{
	if (!rate)
		return 0;
	return second / rate ? second / rate : 1;
}

int limits_begin(struct limits *limits, struct capture_maps *maps, const struct xdpdrop_opts *opts,
		 const struct log *log)
{
	__u64 second = clock_hz() * XDPDROP_JIFFY_PARTS;

	*limits = (struct limits){ .log = log,
				   .sample = opts->sample,
				   .max_overhead = opts->max_overhead,
				   .timed_ns = calloc(maps->cpus, sizeof(*limits->timed_ns)) };
	if (!limits->timed_ns)
		return -ENOMEM;
	limits->looked = clock_monotonic();
	limits->next = limits->looked + TICK_NS;
	maps->control->sample = opts->sample;
	maps->limits = (struct capture_limits){
		.sampling = opts->sample > 1 || opts->max_overhead,
		.timing = opts->max_overhead,
		.counting = opts->count_only,
		.matching = opts->count_only || opts->count_matching,
		.second = second,
		.rate_interval = limits_interval(opts->rate, second),
		.reason_interval = limits_interval(opts->reason_rate, second),
	};
	return 0;
}

/* Overhead on the busiest CPU since the last measurement. */
static __u32 limits_measure(struct limits *limits, const struct capture_maps *maps, __u64 span)
{
	__u64 most = 0;

	for (unsigned int cpu = 0; cpu < maps->cpus; cpu++) {
		__u64 ns = __atomic_load_n(&maps->states[cpu].timed_ns, __ATOMIC_RELAXED);
		__u64 took = ns - limits->timed_ns[cpu];

		most = took > most ? took : most;
		limits->timed_ns[cpu] = ns;
	}
	return (double)most * XDPDROP_TIMED_PART / span * WHOLE;
}

/*
 * Aims at 10 % below the limit, assuming that all the time is spent on captured frames. Up to 25 %
 * below the limit nothing is changed. The interval is at most halved at a time, because another
 * burst may follow.
 */
__u32 limits_adapt(__u32 sample, __u32 least, __u32 overhead, __u32 max_overhead)
{
	__u64 wanted = (__u64)sample * overhead * 11 / 10 / max_overhead + 1;

	if (overhead <= max_overhead && overhead > max_overhead - max_overhead / 4)
		return sample;
	if (overhead <= max_overhead && wanted < sample / 2)
		wanted = sample / 2;
	if (overhead <= max_overhead && wanted > sample)
		wanted = sample;
	if (wanted > XDPDROP_MAX_SAMPLE)
		return XDPDROP_MAX_SAMPLE;
	return wanted > least ? wanted : least;
}

static void limits_govern(struct limits *limits, struct capture_maps *maps)
{
	__u32 before = maps->control->sample;
	__u32 sample = limits_adapt(before, limits->sample, limits->overhead, limits->max_overhead);

	if (sample == before)
		return;
	__atomic_store_n(&maps->control->sample, sample, __ATOMIC_RELAXED);
	log_info(limits->log,
		 "xdpdrop takes %u.%03u %% of a CPU: from now on it samples 1 in %u, not 1 "
		 "in %u",
		 limits->overhead / 1000, limits->overhead % 1000, sample, before);
}

void limits_tick(struct limits *limits, struct capture_maps *maps, __u64 now)
{
	if (!limits->max_overhead || now < limits->next)
		return;
	limits->overhead = limits_measure(limits, maps, now - limits->looked);
	limits->looked = now;
	limits->next = now + TICK_NS;
	limits_govern(limits, maps);
}

/* The leading separator is cut off. */
void limits_describe(const struct xdpdrop_opts *opts, char *description, size_t size)
{
	char text[256] = "; ";
	size_t used = 0;

	if (opts->sample > 1)
		used += snprintf(text + used, sizeof(text) - used, "; sample 1 in %u",
				 opts->sample);
	if (opts->max_overhead)
		used += snprintf(text + used, sizeof(text) - used,
				 "; sampled as needed for at most %u.%03u %% of a CPU's time",
				 opts->max_overhead / 1000, opts->max_overhead % 1000);
	if (opts->rate)
		used += snprintf(text + used, sizeof(text) - used,
				 "; at most %u frames a second per CPU", opts->rate);
	if (opts->reason_rate)
		snprintf(text + used, sizeof(text) - used,
			 "; at most %u frames a second per CPU, capture point and reason",
			 opts->reason_rate);
	snprintf(description, size, "%s", text + 2);
}

void limits_free(struct limits *limits)
{
	free(limits->timed_ns);
	limits->timed_ns = NULL;
}

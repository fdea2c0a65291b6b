// SPDX-License-Identifier: LGPL-2.1-only
/*
 * The governor measures by the programs' own clock. The kernel's run time statistics do not
 * help: they count a tail-called program with its caller, and slow down every program.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "clock.h"
#include "bounds.h"

#define TICK_NS 100000000ULL
/* Of a CPU's time, in the unit of max_overhead. */
#define WHOLE 100000

static __u64 interval(__u32 rate, __u64 second)
{
	if (!rate)
		return 0;
	return second / rate ? second / rate : 1;
}

int bounds_begin(struct bounds *bounds, struct kernel *kernel, const struct xdpdrop_opts *opts,
		 const struct log *log)
{
	__u64 second = clock_hz() * XDPDROP_JIFFY_PARTS;

	*bounds = (struct bounds){ .log = log,
				   .sample = opts->sample,
				   .max_overhead = opts->max_overhead,
				   .timed_ns = calloc(kernel->cpus, sizeof(*bounds->timed_ns)) };
	if (!bounds->timed_ns)
		return -ENOMEM;
	bounds->looked = clock_monotonic();
	bounds->next = bounds->looked + TICK_NS;
	kernel->control->sample = opts->sample;
	kernel->bounds = (struct kernel_bounds){
		.sampling = opts->sample > 1 || opts->max_overhead,
		.timing = opts->max_overhead,
		.second = second,
		.rate_interval = interval(opts->rate, second),
		.reason_interval = interval(opts->reason_rate, second),
	};
	return 0;
}

/* Of the busiest CPU since we last looked. */
static __u32 measure(struct bounds *bounds, const struct kernel *kernel, __u64 span)
{
	__u64 most = 0;

	for (unsigned int cpu = 0; cpu < kernel->cpus; cpu++) {
		__u64 ns = __atomic_load_n(&kernel->states[cpu].timed_ns, __ATOMIC_RELAXED);
		__u64 took = ns - bounds->timed_ns[cpu];

		most = took > most ? took : most;
		bounds->timed_ns[cpu] = ns;
	}
	return (double)most * XDPDROP_TIMED_PART / span * WHOLE;
}

/*
 * Aims a tenth below the limit, as if all the time went into captured frames. A quarter below is
 * near enough. Down again at most by half at a time: the next burst may be there already.
 */
__u32 bounds_adapt(__u32 sample, __u32 least, __u32 overhead, __u32 max_overhead)
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

static void adapt(struct bounds *bounds, struct kernel *kernel)
{
	__u32 before = kernel->control->sample;
	__u32 sample = bounds_adapt(before, bounds->sample, bounds->overhead, bounds->max_overhead);

	if (sample == before)
		return;
	__atomic_store_n(&kernel->control->sample, sample, __ATOMIC_RELAXED);
	log_info(bounds->log,
		 "the capture takes %u.%03u %% of a CPU: from now on it samples 1 in %u, not 1 "
		 "in %u",
		 bounds->overhead / 1000, bounds->overhead % 1000, sample, before);
}

void bounds_tick(struct bounds *bounds, struct kernel *kernel, __u64 now)
{
	if (!bounds->max_overhead || now < bounds->next)
		return;
	bounds->overhead = measure(bounds, kernel, now - bounds->looked);
	bounds->looked = now;
	bounds->next = now + TICK_NS;
	adapt(bounds, kernel);
}

/* The separator in front of the first is cut off. */
void bounds_describe(const struct xdpdrop_opts *opts, char *description, size_t size)
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
			 "; at most %u frames a second per CPU, site and reason",
			 opts->reason_rate);
	snprintf(description, size, "%s", text + 2);
}

void bounds_free(struct bounds *bounds)
{
	free(bounds->timed_ns);
	bounds->timed_ns = NULL;
}

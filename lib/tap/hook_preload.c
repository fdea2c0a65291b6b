// SPDX-License-Identifier: LGPL-2.1-only
#include "tap/hook_preload.h"

#include <sched.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/parallel.h"
#include "tap/hook_template.h"

/* More threads than this wait for each other in the kernel's allocators. */
#define MAX_THREADS 16
/*
 * The start of a thread on a busy machine may take longer than a few programs, but not longer than
 * one with a large filter.
 */
#define LEAST_PROGRAMS 4
#define LEAST_FILTERED 2

struct hook_preload_program {
	struct hook *hook;
	__u32 slot;
};

struct hook_preload {
	const struct tap_context *context;
	const struct hook_template *template;
	struct hook_preload_program *programs;
	unsigned int count;
};

static unsigned int hook_preload_threads(void)
{
	unsigned int count;
	cpu_set_t cpus;

	/* EINVAL: there are more CPUs than fit */
	if (sched_getaffinity(0, sizeof(cpus), &cpus))
		return MAX_THREADS;
	count = CPU_COUNT(&cpus);
	return count < MAX_THREADS ? count : MAX_THREADS;
}

/* The programs of a hook whose type is unknown are found by trying, one after the other. */
static void hook_preload_add(struct hook_preload *preload, struct hook *hook)
{
	for (__u32 slot = 0; hook->fits && slot < HOOK_SLOTS; slot++)
		if (hook->wanted & (1U << slot))
			preload->programs[preload->count++] =
				(struct hook_preload_program){ .hook = hook, .slot = slot };
}

/* The log belongs to the thread that called the library. */
static void hook_preload_one(void *data, unsigned int step)
{
	static const struct log none;
	const struct hook_preload *preload = data;
	struct hook *hook = preload->programs[step].hook;
	__u32 slot = preload->programs[step].slot;
	struct tap_context quiet = *preload->context;
	LOG_SCOPE(&none);

	if (interrupt_wanted(quiet.interrupt))
		return;
	quiet.log = &none;
	hook->loaded[slot] =
		hook_template_load(preload->template, &quiet, hook, slot, program_type(hook->type));
}

void hook_preload(const struct tap_context *context, struct hook *hooks, unsigned int count,
		  const struct hook_template *template)
{
	CLEANUP_FREE struct hook_preload_program *programs =
		malloc(count * HOOK_SLOTS * sizeof(*programs));
	struct hook_preload preload = { .context = context,
					.template = template,
					.programs = programs };
	unsigned int threads = hook_preload_threads();
	unsigned int least = context->filters->used ? LEAST_FILTERED : LEAST_PROGRAMS;

	if (!programs || (context->log && context->log->level >= XDPDROP_LOG_DEBUG))
		return;
	for (unsigned int i = 0; i < count; i++)
		hook_preload_add(&preload, &hooks[i]);
	if (threads > 1 && preload.count >= least)
		parallel_run(preload.count, threads, hook_preload_one, &preload);
}

// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Talks to libxdp about the programs of an interface. Logs nothing.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/fork_call.h"
#include "xdp/dispatcher.h"
#include "bpf/probe.h"

#define OURS "xdpdrop_"
/* Two changes at once: libxdp gives the loser EBUSY or EAGAIN and leaves it at that. */
#define ATTEMPTS 20
#define RETRY_US 50000

typedef int (*change_fn)(struct xdp_program *program, int ifindex, enum xdp_attach_mode mode,
			 unsigned int flags);

static int dispatcher_change(change_fn fn, struct xdp_program *program, int ifindex,
			     enum xdp_attach_mode mode)
{
	int err = 0;

	for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
		err = fn(program, ifindex, mode, 0);
		if (err != -EBUSY && err != -EAGAIN)
			break;
		usleep(RETRY_US);
	}
	return err;
}

int dispatcher_attach(struct xdp_program *program, int ifindex, enum xdp_attach_mode mode)
{
	return dispatcher_change(xdp_program__attach, program, ifindex, mode);
}

void dispatcher_set_frags(struct xdp_program *program)
{
	const struct bpf_program *source = bpf_object__find_program_by_name(
		xdp_program__bpf_obj(program), xdp_program__name(program));
	const char *section = source ? bpf_program__section_name(source) : "";

	if (probe(FEATURE_FRAGS) && !strncmp(section, "xdp.frags", strlen("xdp.frags")))
		xdp_program__set_xdp_frags_support(program, true);
}

static bool dispatcher_is_wanted(const struct xdp_program *program, __u32 id)
{
	if (id)
		return xdp_program__id(program) == id;
	return !strncmp(xdp_program__name(program), OURS, strlen(OURS));
}

static struct xdp_program *dispatcher_find(const struct xdp_multiprog *multiprog, __u32 id)
{
	struct xdp_program *program = NULL;

	if (xdp_multiprog__is_legacy(multiprog)) {
		program = xdp_multiprog__main_prog(multiprog);
		return program && dispatcher_is_wanted(program, id) ? program : NULL;
	}
	do
		program = xdp_multiprog__next_prog(program, multiprog);
	while (program && !dispatcher_is_wanted(program, id));
	return program;
}

int dispatcher_detach(int ifindex, __u32 id)
{
	struct xdp_multiprog *multiprog = xdp_multiprog__get_from_ifindex(ifindex);
	int err = libxdp_get_error(multiprog);
	enum xdp_attach_mode mode;
	struct xdp_program *found, *program;

	if (err)
		return err;
	mode = xdp_multiprog__attach_mode(multiprog);
	found = dispatcher_find(multiprog, id);
	program = found ? xdp_program__clone(found, 0) : NULL;
	xdp_multiprog__close(multiprog);
	if (!program)
		return -ENOENT;
	err = libxdp_get_error(program);
	if (err)
		return err;
	err = dispatcher_change(xdp_program__detach, program, ifindex, mode);
	xdp_program__close(program);
	return err;
}

/* What libxdp orders members by; the rest of its rules are for equal names. */
struct place {
	unsigned int prio;
	const char *name;
};

static bool dispatcher_runs_before(const struct place *a, const struct place *b)
{
	return a->prio != b->prio ? a->prio < b->prio : strcmp(a->name, b->name) < 0;
}

static struct place dispatcher_place_of(const struct xdp_program *program)
{
	return (struct place){ xdp_program__run_prio(program), xdp_program__name(program) };
}

/* A priority with which @name comes after @previous, which may be NULL, and before @next. */
static int dispatcher_find_prio(const char *name, const struct place *previous,
				const struct place *next, unsigned int *prio)
{
	const unsigned int candidates[] = {
		next->prio ? next->prio - 1 : 0,
		next->prio,
		previous ? previous->prio : next->prio,
	};

	for (size_t i = 0; i < sizeof(candidates) / sizeof(candidates[0]); i++) {
		const struct place place = { candidates[i], name };

		if (!dispatcher_runs_before(&place, next) ||
		    (previous && !dispatcher_runs_before(previous, &place)))
			continue;
		*prio = place.prio;
		return 0;
	}
	return -ENOSPC;
}

struct gap_question {
	int ifindex;
	const char *name;
	__u32 id;
	struct dispatcher_gap gap; /* the answer */
};

static int dispatcher_search_gap(const struct xdp_multiprog *multiprog,
				 struct gap_question *question)
{
	struct place previous = { 0 }, next;

	if (xdp_multiprog__is_legacy(multiprog))
		return -ENOENT;
	for (struct xdp_program *member = NULL;
	     (member = xdp_multiprog__next_prog(member, multiprog)); previous = next) {
		next = dispatcher_place_of(member);
		if (xdp_program__id(member) != question->id)
			continue;
		question->gap.mode = xdp_multiprog__attach_mode(multiprog);
		return dispatcher_find_prio(question->name, previous.name ? &previous : NULL, &next,
					    &question->gap.prio);
	}
	return -ENOENT;
}

/* An fork_call_fn. */
static int dispatcher_answer_gap(void *data)
{
	struct gap_question *question = data;
	struct xdp_multiprog *multiprog = xdp_multiprog__get_from_ifindex(question->ifindex);
	int err = libxdp_get_error(multiprog);

	if (err)
		return err;
	err = dispatcher_search_gap(multiprog, question);
	xdp_multiprog__close(multiprog);
	return err;
}

int dispatcher_find_gap(int ifindex, const char *name, __u32 id, struct dispatcher_gap *gap)
{
	struct gap_question question = { .ifindex = ifindex, .name = name, .id = id };
	int err = fork_call(dispatcher_answer_gap, &question, sizeof(question));

	*gap = question.gap;
	return err;
}

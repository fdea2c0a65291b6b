// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Uses libxdp. Members are found by the kernel: each is attached by a bpf_link, which names the
 * dispatcher and the function that the member replaces. The dispatcher's read-only data has the
 * verdicts after which the next member runs. libxdp's pins are used where links do not name it.
 */
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fork_call.h"
#include "bpf/bpfinfo.h"
#include "xdp/dispatcher.h"
#include "bpf/probe.h"

#define OURS "xdpdrop_"
/* libxdp returns EBUSY or EAGAIN if another process changes the dispatcher at the same time. */
#define ATTEMPTS 20
#define RETRY_US 50000

/*
 * Offset of the sets of actions in the dispatcher's read-only data, the same in all versions.
 * Before them is the number of members in one byte, or four bytes that begin with a magic number.
 */
#define CONFIG_CHAINS 4
#define CONFIG_MIN (CONFIG_CHAINS + DISPATCHER_MAX_MEMBERS * sizeof(__u32))
#define CONFIG_MAX 512

#define DISPATCHER_NAME "xdp_dispatcher"
#define FIRST_FUNCTION "prog0"

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

/* The keys by which libxdp orders members. Its further keys apply only to equal names. */
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

/* A priority with which @name runs after @previous, which may be NULL, and before @next. */
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
	struct dispatcher_gap gap; /* the result */
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

/* A fork_call_fn. */
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

/* A single member is put in place of the whole dispatcher: nothing comes after it. */
static __u32 dispatcher_members_chain_of(const struct xdp_multiprog *multiprog,
					 const struct xdp_program *member)
{
	__u32 chain = 0;

	if (xdp_multiprog__program_count(multiprog) < 2)
		return 0;
	for (int action = XDP_ABORTED; action <= XDP_REDIRECT; action++)
		if (xdp_program__chain_call_enabled(member, action))
			chain |= 1U << action;
	return chain;
}

/* A fork_call_fn. */
static int dispatcher_members_ask_libxdp(void *data)
{
	struct dispatcher_members *members = data;
	struct xdp_multiprog *multiprog = xdp_multiprog__get_from_ifindex(members->ifindex);
	struct xdp_program *program = NULL;
	int err = libxdp_get_error(multiprog);

	if (err)
		return err;
	while (members->count < DISPATCHER_MAX_MEMBERS &&
	       (program = xdp_multiprog__next_prog(program, multiprog)))
		members->member[members->count++] = (struct dispatcher_member){
			.id = xdp_program__id(program),
			.chain = dispatcher_members_chain_of(multiprog, program),
		};
	xdp_multiprog__close(multiprog);
	return 0;
}

static bool dispatcher_members_is_config(int map)
{
	struct bpf_map_info info;

	return !bpfinfo_map(map, &info) && info.type == BPF_MAP_TYPE_ARRAY &&
	       info.max_entries == 1 && info.value_size >= CONFIG_MIN &&
	       info.value_size <= CONFIG_MAX && strstr(info.name, ".rodata");
}

/*
 * What the dispatcher goes on after, for each of its functions; zeros without a configuration.
 * 0 or -errno: that cannot be read.
 */
static int dispatcher_members_read_chains(int dispatcher, __u32 chains[DISPATCHER_MAX_MEMBERS])
{
	__u32 maps[BPFINFO_MAX_MAPS], key = 0;
	struct bpf_prog_info info;
	int err = bpfinfo_program(dispatcher, &info, maps);

	memset(chains, 0, DISPATCHER_MAX_MEMBERS * sizeof(*chains));
	for (__u32 i = 0; !err && i < info.nr_map_ids; i++) {
		CLEANUP_FD int map = bpf_map_get_fd_by_id(maps[i]);
		__u8 config[CONFIG_MAX];

		if (map < 0)
			return -errno;
		if (!dispatcher_members_is_config(map))
			continue;
		if (bpf_map_lookup_elem(map, &key, config))
			return -errno;
		memcpy(chains, config + CONFIG_CHAINS, DISPATCHER_MAX_MEMBERS * sizeof(*chains));
		return 0;
	}
	return err;
}

/*
 * Find the next link after *@id by which a program replaces a function of program @target.
 * -ENOENT: no further link. Other errors: a link cannot be read, and may be such a link.
 */
static int dispatcher_members_next_link(__u32 *id, __u32 target, struct bpf_link_info *info)
{
	while (!bpf_link_get_next_id(*id, id)) {
		CLEANUP_FD int fd = bpf_link_get_fd_by_id(*id);
		__u32 size = sizeof(*info);

		/* it has gone, or is being made: those of a dispatcher in use are complete */
		if (fd < 0 && (errno == ENOENT || errno == EAGAIN))
			continue;
		memset(info, 0, sizeof(*info));
		if (fd < 0 || bpf_obj_get_info_by_fd(fd, info, &size))
			return -errno;
		/* extensions have no attach type, those that trace have one */
		if (info->type == BPF_LINK_TYPE_TRACING && !info->tracing.attach_type &&
		    info->tracing.target_obj_id == target)
			return 0;
	}
	return -errno;
}

/* "prog0" to "prog9": 0 to 9; any other function: -1. */
static int dispatcher_members_function_number(const struct btf *btf, __u32 type_id)
{
	const struct btf_type *type = btf__type_by_id(btf, type_id);
	const char *name = type ? btf__name_by_offset(btf, type->name_off) : NULL;
	int number;
	char rest;

	if (!name || sscanf(name, "prog%1d%c", &number, &rest) != 1)
		return -1;
	return number;
}

static int dispatcher_members_read_links(const struct btf *btf, __u32 dispatcher_id,
					 const __u32 chains[DISPATCHER_MAX_MEMBERS],
					 struct dispatcher_members *members)
{
	struct dispatcher_member by_number[DISPATCHER_MAX_MEMBERS] = { 0 };
	struct bpf_link_info info;
	__u32 id = 0;
	int err;

	while (!(err = dispatcher_members_next_link(&id, dispatcher_id, &info))) {
		int number = dispatcher_members_function_number(btf, info.tracing.target_btf_id);

		if (number < 0)
			by_number[0] = (struct dispatcher_member){ .id = info.prog_id };
		else
			by_number[number] = (struct dispatcher_member){ .id = info.prog_id,
									.chain = chains[number] };
	}
	for (int i = 0; i < DISPATCHER_MAX_MEMBERS; i++)
		if (by_number[i].id)
			members->member[members->count++] = by_number[i];
	return err == -ENOENT && members->count ? 0 : err;
}

static int dispatcher_members_ask_kernel(struct dispatcher_members *members, __u32 id)
{
	CLEANUP_FD int dispatcher = bpf_prog_get_fd_by_id(id);
	__u32 chains[DISPATCHER_MAX_MEMBERS];
	struct bpf_prog_info info;
	int err = dispatcher < 0 ? -errno : bpfinfo_program(dispatcher, &info, NULL);
	struct btf *btf;

	if (!err)
		err = dispatcher_members_read_chains(dispatcher, chains);
	if (err)
		return err;
	btf = btf__load_from_kernel_by_id(info.btf_id);
	if (!btf)
		return -errno;
	err = dispatcher_members_read_links(btf, id, chains, members);
	btf__free(btf);
	return err;
}

/* Anybody may have a program of that name; one that has nothing to replace is no dispatcher. */
int dispatcher_members_is_dispatcher(__u32 id)
{
	CLEANUP_FD int fd = bpf_prog_get_fd_by_id(id);
	struct bpf_prog_info info;
	struct btf *btf;
	int err = fd < 0 ? -errno : bpfinfo_program(fd, &info, NULL);
	bool replaceable;

	if (err)
		return err;
	if (strcmp(info.name, DISPATCHER_NAME) != 0 || !info.btf_id)
		return 0;
	btf = btf__load_from_kernel_by_id(info.btf_id);
	if (!btf)
		return -errno;
	replaceable = btf__find_by_name_kind(btf, FIRST_FUNCTION, BTF_KIND_FUNC) > 0;
	btf__free(btf);
	return replaceable;
}

/*
 * Is the error temporary? After a permanent error libxdp is the second way to find the members: a
 * process without the privilege to read links can still read pins.
 */
static bool dispatcher_members_passes(int err)
{
	return err == -ENOMEM || err == -EMFILE || err == -ENFILE || err == -EAGAIN ||
	       err == -ECANCELED;
}

/*
 * libxdp 1.3 leaks a descriptor per program and question, which would keep the program loaded
 * after its unloading.
 */
int dispatcher_members_read(struct dispatcher_members *members, __u32 id, const struct log *log)
{
	int err;

	members->count = 0;
	err = dispatcher_members_ask_kernel(members, id);
	if (!err || (err != -ENOENT && err != -EPERM))
		return err;
	members->count = 0;
	err = fork_call(dispatcher_members_ask_libxdp, members, sizeof(*members));
	if (!err && members->count)
		return 0;
	log_debug(log, "libxdp finds no members of the dispatcher with id %u: %s", id,
		  strerror(-err));
	members->count = 0;
	return dispatcher_members_passes(err) ? err : -ENOENT;
}

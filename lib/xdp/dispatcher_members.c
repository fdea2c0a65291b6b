// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Asks the kernel for members: each is attached by a bpf_link that names the dispatcher and the
 * function that the member replaces, and what the dispatcher does after which verdict is in its
 * read-only data. Where links do not name it, libxdp finds members by the names of pins.
 */
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <xdp/libxdp.h>

#include "base/cleanup.h"
#include "base/fork_call.h"
#include "bpf/bpfinfo.h"
#include "xdp/dispatcher_members.h"

/*
 * Of the dispatcher's read-only data only where the sets of actions are: the same in all versions.
 * Before them is a byte with the number of members, or four bytes that begin with a magic number.
 */
#define CONFIG_CHAINS 4
#define CONFIG_MIN (CONFIG_CHAINS + DISPATCHER_MAX_MEMBERS * sizeof(__u32))
#define CONFIG_MAX 512

#define DISPATCHER_NAME "xdp_dispatcher"
#define FIRST_FUNCTION "prog0"

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
 * The next link after *@id by which a program replaces a function of program @target. -ENOENT:
 * there is none; others: a link cannot be looked at, which may be one.
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
 * A failure that passes: libxdp's other ones mean that it finds no members, and in a process that
 * may not ask for links it may find them all the same.
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

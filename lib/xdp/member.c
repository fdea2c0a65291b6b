// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Finds and detaches tag members. A member with unknown id is found by the map of its owner.
 */
#include <errno.h>
#include <string.h>

#include "bpf/owner.h"
#include "xdp/dispatcher.h"
#include "xdp/member.h"
#include "xdp/netns.h"

/* 0: the capture of @owner_id owns the program. -ENOENT: it does not. Others: query errors. */
static int member_check(const struct pipeline_program *program, __u32 owner_id)
{
	struct owner owner;
	int err = strcmp(program->name, MEMBER_NAME) ? -ENOENT : owner_of(program->id, &owner);

	if (err)
		return err;
	return owner.map_id == owner_id ? 0 : -ENOENT;
}

/* -ENOENT: the member is not attached. Other errors: the query failed. */
static int member_find(const struct member *member, __u32 *id)
{
	struct pipeline pipeline = { 0 };
	int err = pipeline_read(&pipeline, NULL, member->ifindex, NULL);

	if (err)
		return err;
	err = pipeline.error ? pipeline.error : -ENOENT;
	for (unsigned int i = 0; err && i < pipeline.program_count; i++) {
		int found = member_check(&pipeline.programs[i], member->owner_id);

		if (!found)
			*id = pipeline.programs[i].id;
		if (!found || err == -ENOENT)
			err = found;
	}
	pipeline_free(&pipeline);
	return err;
}

/*
 * A netns_fn. libxdp finds a dispatcher by its interface index, which a move to another network
 * namespace rarely changes.
 */
static int member_detach_here(void *data)
{
	const struct member *member = data;
	__u32 id = member->id;
	int err = id ? 0 : member_find(member, &id);

	return err ? err : dispatcher_detach(member->ifindex, id);
}

void member_undo(const struct member *member, const struct log *log)
{
	int err = member_detach_here((void *)member);
	char name[IF_NAMESIZE];

	/* an interface that changes its network namespace keeps its dispatcher */
	if (err && !if_indextoname(member->ifindex, name))
		err = netns_search(member_detach_here, (void *)member);
	if (!err)
		log_info(log, "removed tag member (id %u)", member->id);
	else if (err != -ENOENT && err != -ENODEV)
		log_error(log, err,
			  "cannot remove the tag member (id %u) from interface index %u: %s; it "
			  "passes every frame on until it is cleaned up",
			  member->id, member->ifindex, strerror(-err));
}

int member_clean(__u32 ifindex, const struct pipeline_program *program, __u32 *pid,
		 const struct log *log)
{
	struct owner owner;
	int err;

	if (strcmp(program->name, MEMBER_NAME) != 0)
		return 0;
	err = owner_of(program->id, &owner);
	if (err && err != -ENOENT)
		return log_error(log, err,
				 "cannot find out which session placed tag member id %u: %s",
				 program->id, strerror(-err));
	if (err || owner.alive)
		return 0;
	*pid = owner.pid;
	err = dispatcher_detach(ifindex, program->id);
	/* the capture's watchdog removed it in the meantime */
	if (err == -ENOENT)
		return 0;
	if (err)
		return log_error(log, err,
				 "cannot remove the tag member (id %u) that a dead session (pid "
				 "%u) left: %s",
				 program->id, owner.pid, strerror(-err));
	return 1;
}

// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Finds and detaches tag members. A member with unknown id is found by its control page.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "bpf/owner.h"
#include "xdp/dispatcher.h"
#include "xdp/member.h"
#include "xdp/netns.h"

static bool member_is_of(const struct pipeline_program *program, __u32 control_id)
{
	struct owner owner;

	return !strcmp(program->name, MEMBER_NAME) && !owner_of(program->id, &owner) &&
	       owner.control_id == control_id;
}

/* The id of the member; 0: there is none. */
static __u32 member_find(const struct member *member)
{
	CLEANUP_FREE struct pipeline *pipeline = malloc(sizeof(*pipeline));
	__u32 id = 0;

	if (!pipeline || pipeline_read(pipeline, NULL, member->ifindex, NULL))
		return 0;
	for (unsigned int i = 0; !id && i < pipeline->program_count; i++)
		if (member_is_of(&pipeline->programs[i], member->control_id))
			id = pipeline->programs[i].id;
	pipeline_close(pipeline);
	return id;
}

/*
 * A netns_fn. libxdp finds a dispatcher by its interface index, which a move to another network
 * namespace rarely changes.
 */
static int member_detach_here(void *data)
{
	const struct member *member = data;
	__u32 id = member->id ?: member_find(member);

	return id ? dispatcher_detach(member->ifindex, id) : -ENOENT;
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

	if (strcmp(program->name, MEMBER_NAME) || owner_of(program->id, &owner) || owner.alive)
		return 0;
	*pid = owner.pid;
	err = dispatcher_detach(ifindex, program->id);
	/* the capture's watchdog removed it in the meantime */
	if (err == -ENOENT)
		return 0;
	if (err)
		return log_error(log, err,
				 "cannot remove the tag member (id %u) that a dead capture (pid "
				 "%u) left: %s",
				 program->id, owner.pid, strerror(-err));
	return 1;
}

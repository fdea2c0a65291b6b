// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Reads the programs of an interface, and follows their maps to hooks and to the programs that they
 * tail-call.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "xdp/dispatcher.h"
#include "xdp/pipeline.h"
#include "xdp/pipeline_devices.h"
#include "xdp/pipeline_maps.h"

#define ROOT_LOOKS 5

static void pipeline_add_member(struct pipeline *pipeline, __u32 id, __u32 chain)
{
	struct pipeline_program *program = pipeline_add_program(pipeline, id);

	if (!program)
		return;
	program->member = true;
	program->chain = chain;
}

static void pipeline_read_members(struct pipeline *pipeline, const struct log *log)
{
	struct dispatcher_members members = { .ifindex = pipeline->root_ifindex };
	int err = dispatcher_members_read(&members, pipeline->root_id, log);

	if (err)
		pipeline_note_error(pipeline, err);
	for (unsigned int i = 0; !err && i < members.count; i++)
		pipeline_add_member(pipeline, members.member[i].id, members.member[i].chain);
}

/* Does the root run members? A failed query sets the pipeline's error. */
static bool pipeline_is_dispatcher(struct pipeline *pipeline, const struct pipeline *last)
{
	int answer;

	if (last->ifindex == pipeline->ifindex && last->root_id == pipeline->root_id &&
	    !last->error)
		return last->dispatcher;
	answer = dispatcher_members_is_dispatcher(pipeline->root_id);
	if (answer < 0)
		pipeline_note_error(pipeline, answer);
	return answer > 0;
}

/* If @last was read from the very dispatcher that is there now, take the members from it. */
static bool pipeline_keep_members(struct pipeline *pipeline, const struct pipeline *last)
{
	if (last->ifindex != pipeline->ifindex || last->root_id != pipeline->root_id)
		return false;
	for (unsigned int i = 0; i < last->program_count; i++)
		if (last->programs[i].member)
			pipeline_add_member(pipeline, last->programs[i].id,
					    last->programs[i].chain);
	return pipeline->program_count > 1;
}

/*
 * If the program was replaced between two calls, its id no longer exists: ask again. While *@fd is
 * open, it does.
 */
static int pipeline_find_root(struct pipeline *pipeline, const struct pipeline *last, int *fd)
{
	for (int look = 0; look < ROOT_LOOKS; look++) {
		int err = pipeline_read_devices(pipeline, last);

		if (err || !pipeline->root_id)
			return err;
		*fd = bpf_prog_get_fd_by_id(pipeline->root_id);
		if (*fd >= 0 || errno != ENOENT)
			return 0;
	}
	pipeline_note_error(pipeline, -EAGAIN);
	return 0;
}

/* 0; 1: it was replaced while its members were read, and some may not have been seen; -errno. */
static int pipeline_look_at_root(struct pipeline *pipeline, const struct pipeline *last,
				 const struct log *log)
{
	CLEANUP_FD int fd = -1;
	struct pipeline_program *root;
	int err = pipeline_find_root(pipeline, last, &fd);

	if (err == -ENODEV)
		return err;
	if (err)
		return log_error(log, err, "cannot ask the kernel what is attached to %s: %s",
				 pipeline->ifname, strerror(-err));
	root = pipeline_add_program(pipeline, pipeline->root_id);
	if (!root)
		return 0;
	root->root = true;
	pipeline->dispatcher = pipeline_is_dispatcher(pipeline, last);
	/* libxdp makes a new dispatcher for every change */
	if (pipeline->dispatcher && !pipeline_keep_members(pipeline, last)) {
		pipeline_read_members(pipeline, log);
		if (pipeline_root_was_replaced(pipeline))
			return 1;
	}
	if (pipeline->dispatcher && !pipeline->error && !pipeline_last_member(pipeline))
		pipeline->blind_looks =
			last->root_id == pipeline->root_id ? last->blind_looks + 1 : 1;
	return 0;
}

static int pipeline_read_root(struct pipeline *pipeline, const struct pipeline *last,
			      const struct log *log)
{
	int replaced, looks = 0;

	do {
		pipeline->program_count = 0;
		pipeline->dispatcher = false;
		pipeline->error = 0;
		replaced = pipeline_look_at_root(pipeline, last, log);
	} while (replaced > 0 && ++looks < ROOT_LOOKS);
	if (replaced > 0)
		pipeline_note_error(pipeline, -EAGAIN);
	return replaced < 0 ? replaced : 0;
}

static int pipeline_read_again(struct pipeline *pipeline, const struct pipeline *last,
			       const char *ifname, __u32 ifindex, const struct log *log)
{
	int err;

	memset(pipeline, 0, sizeof(*pipeline));
	pipeline->ifindex = ifname ? if_nametoindex(ifname) : ifindex;
	/* @ifname may be an alternative name */
	if (!pipeline->ifindex || !if_indextoname(pipeline->ifindex, pipeline->ifname))
		return -ENODEV;
	err = pipeline_read_root(pipeline, last, log);
	if (err)
		return err;
	/* the list grows during the loop, because tail-called programs have maps too */
	for (unsigned int i = 0; i < pipeline->program_count; i++)
		pipeline_maps_read(pipeline, pipeline->programs[i].id);
	return 0;
}

/* The old maps stay open until the new ones are. */
int pipeline_read(struct pipeline *pipeline, const char *ifname, __u32 ifindex,
		  const struct log *log)
{
	struct pipeline last = *pipeline;
	int err = pipeline_read_again(pipeline, &last, ifname, ifindex, log);

	if (err) {
		pipeline_keep_devices(pipeline, &last);
		if (!ifname)
			memcpy(pipeline->ifname, last.ifname, sizeof(last.ifname));
	}
	pipeline_free(&last);
	return err;
}

void pipeline_read_program(struct pipeline *pipeline, __u32 id)
{
	struct pipeline_program *root = pipeline_add_program(pipeline, id);

	if (!root) {
		if (!pipeline->error)
			pipeline->error = -ENOENT;
		return;
	}
	root->root = true;
	pipeline->root_id = id;
	for (unsigned int i = 0; i < pipeline->program_count; i++)
		pipeline_maps_read(pipeline, pipeline->programs[i].id);
}

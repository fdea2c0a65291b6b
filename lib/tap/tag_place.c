// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Uses only the order of members: which program tags frames and which one drops them cannot be seen
 * from outside.
 */
#include <stdio.h>
#include <string.h>

#include "bpf/owner.h"
#include "tap/tag_place.h"
#include "xdp/dispatcher.h"

static bool tag_place_may_judge(const struct pipeline_program *program)
{
	return program->member && !program->tags;
}

const struct pipeline_program *tag_place_before(const struct pipeline *pipeline, __u32 id)
{
	const struct pipeline_program *before = NULL;

	for (unsigned int i = 0; i < pipeline->program_count; i++) {
		if (pipeline->programs[i].id == id)
			return before;
		if (tag_place_may_judge(&pipeline->programs[i]))
			before = &pipeline->programs[i];
	}
	return NULL;
}

const struct pipeline_program *tag_place_behind(const struct pipeline *pipeline, __u32 id)
{
	bool is_behind = false;

	for (unsigned int i = 0; i < pipeline->program_count; i++) {
		if (is_behind && tag_place_may_judge(&pipeline->programs[i]))
			return &pipeline->programs[i];
		is_behind |= pipeline->programs[i].id == id;
	}
	return NULL;
}

/* With opts->untagged a first member captures frames without a tag. */
static bool tag_place_is_first(const struct tap_context *context, __u32 id)
{
	return !context->opts->untagged && !tag_place_before(&context->pipeline, id);
}

bool tag_place_is_tap(const struct tap_context *context, __u32 id)
{
	struct owner owner;

	if (!tag_place_behind(&context->pipeline, id) || tag_place_is_first(context, id))
		return false;
	/* a dead session's member is removed before a new one is placed */
	return owner_of(id, &owner) || owner.alive || context->may_place;
}

static void tag_place_explain_last(const struct tap_context *context,
				   const struct pipeline_program *member, char *why, size_t size)
{
	const struct pipeline_program *before = tag_place_before(&context->pipeline, member->id);
	struct dispatcher_gap gap;
	char option[32] = "";

	if (before &&
	    !dispatcher_find_gap(context->pipeline.root_ifindex, member->name, before->id, &gap))
		snprintf(option, sizeof(option), ", such as %u", gap.prio);
	snprintf(why, size,
		 "%s (id %u) runs after %s (id %u), and no program after it drops "
		 "the frames that it passes; unload it, and load it with a lower "
		 "run priority than that program%s",
		 member->name, member->id, before ? before->name : "all", before ? before->id : 0,
		 option);
}

void tag_place_explain(const struct tap_context *context, char *why, size_t size)
{
	const struct pipeline *pipeline = &context->pipeline;
	struct owner owner;

	why[0] = '\0';
	for (unsigned int i = 0; !why[0] && i < pipeline->program_count; i++) {
		const struct pipeline_program *member = &pipeline->programs[i];

		if (!member->member || !member->tags || !owner_of(member->id, &owner))
			continue;
		if (!tag_place_behind(pipeline, member->id))
			tag_place_explain_last(context, member, why, size);
		else if (tag_place_is_first(context, member->id))
			snprintf(
				why, size,
				"%s (id %u) runs before all other members, so no program has "
				"tagged a frame; unload it, and load it with a higher run priority "
				"than the program that tags",
				member->name, member->id);
	}
}

// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Names programs beside which a capture listens. A program or a hook that the user has chosen is
 * all that he has asked for.
 */
#include <stdio.h>
#include <string.h>

#include "tap/unseen.h"

typedef bool (*unseen_fn)(const struct pipeline *pipeline, const struct pipeline_program *program);

/* A dispatcher gives no verdicts of its own, and a tag member passes all frames. */
static bool unseen_may_drop(const struct pipeline *pipeline, const struct pipeline_program *program)
{
	return !program->tags && !(program->root && pipeline->dispatcher);
}

static bool unseen_by_hook(const struct pipeline *pipeline, const struct pipeline_program *program)
{
	return !program->hooked && unseen_may_drop(pipeline, program);
}

static bool unseen_by_wrapper(const struct pipeline *pipeline,
			      const struct pipeline_program *program)
{
	const struct pipeline_program *speaker = pipeline_speaker(pipeline, program);

	return speaker && !speaker->root;
}

/* "first (id 1), second (id 2) in cpumap cpus and 3 more"; how many. */
static unsigned int unseen_list(const struct pipeline *pipeline, unseen_fn unseen, char *text,
				size_t size)
{
	unsigned int count = 0, more = 0;
	size_t used = 0, left = size - sizeof(" and 4294967295 more");

	text[0] = '\0';
	for (unsigned int i = 0; i < pipeline->program_count; i++) {
		const struct pipeline_program *program = &pipeline->programs[i];
		char name[128];
		size_t length;

		if (!unseen(pipeline, program))
			continue;
		count++;
		length = snprintf(name, sizeof(name), "%s%s (id %u)%s%s", used ? ", " : "",
				  program->name, program->id, program->entry[0] ? " in " : "",
				  program->entry);
		if (more || used + length >= left) {
			more++;
			continue;
		}
		memcpy(text + used, name, length + 1);
		used += length;
	}
	if (more)
		snprintf(text + used, size - used, " and %u more", more);
	return count;
}

/* The program of tap wrap that has replaced the wrapped one. */
static bool unseen_is_unwrapped(const struct tap_context *context, const struct tap *tap)
{
	const struct pipeline_program *root = pipeline_root(&context->pipeline);

	return tap->shows == TAP_SHOWS_ROOT && root &&
	       pipeline_selects(context->opts->program, root->id, root->name) &&
	       !points_has_open(context->points, context->pipeline.ifindex);
}

/* Frames that the device drops reach no other program. */
static void unseen_add_offloaded(const struct pipeline *pipeline, char *text, size_t size)
{
	size_t used = strlen(text);

	if (pipeline->offloaded_id)
		snprintf(text + used, size - used,
			 "%sdrops by program id %u, which runs in the network device, are not "
			 "seen",
			 used ? "; " : "", pipeline->offloaded_id);
}

void unseen_describe(const struct tap_context *context, const struct tap *tap, char *text,
		     size_t size)
{
	const struct pipeline *pipeline = &context->pipeline;
	char list[320];

	text[0] = '\0';
	if (context->opts->program || context->opts->hook_pin)
		return;
	if (tap->shows == TAP_SHOWS_ROOT &&
	    unseen_list(pipeline, unseen_by_wrapper, list, sizeof(list)))
		snprintf(text, size,
			 "drops by %s are not seen: they come after a redirect, and the wrapper "
			 "is in the place of the program that redirects",
			 list);
	if (tap->shows == TAP_SHOWS_HOOKS &&
	    unseen_list(pipeline, unseen_by_hook, list, sizeof(list)))
		snprintf(text, size,
			 "drops by %s are not seen: no hook there; taps exit and wrap need none",
			 list);
	if (tap->shows == TAP_SHOWS_TAGS &&
	    unseen_list(pipeline, unseen_may_drop, list, sizeof(list)))
		snprintf(text, size,
			 "frames that %s drop without a tag are not seen; tap exit needs none",
			 list);
	unseen_add_offloaded(pipeline, text, size);
}

void unseen_describe_now(const struct tap_context *context, const struct tap *tap, char *text,
			 size_t size)
{
	const struct pipeline_program *root = pipeline_root(&context->pipeline);

	if (unseen_is_unwrapped(context, tap))
		snprintf(text, size, "drops by %s (id %u) are not seen: it is not wrapped yet",
			 root->name, root->id);
	else
		unseen_describe(context, tap, text, size);
}

void unseen_explain_hidden(const struct tap_context *context, char *why, size_t size)
{
	const struct pipeline_program *root = pipeline_root(&context->pipeline);
	char hint[LOG_HINT_SIZE];

	snprintf(why, size,
		 "the members of %s (id %u), libxdp's dispatcher, cannot be found from here: their "
		 "pins are in another BPF file system; start from the mount namespace in which "
		 "they were loaded%s, or set LIBXDP_BPFFS to where that file system is mounted",
		 root ? root->name : "", context->pipeline.root_id,
		 log_hint(context->log, XDPDROP_HINT_OTHER_MOUNTS, NULL, hint, sizeof(hint)));
}

// SPDX-License-Identifier: LGPL-2.1-only
/*
 * What was read of an interface: searches it, adds to it, and frees it.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "bpf/bpfinfo.h"
#include "base/cleanup.h"
#include "xdp/pipeline.h"

/* The links of members are created some time after the dispatcher. */
#define HIDDEN_LOOKS 4

struct pipeline_program *pipeline_find_program(struct pipeline *pipeline, __u32 id)
{
	for (unsigned int i = 0; i < pipeline->program_count; i++)
		if (pipeline->programs[i].id == id)
			return &pipeline->programs[i];
	return NULL;
}

const struct pipeline_program *pipeline_find(const struct pipeline *pipeline, __u32 id)
{
	return pipeline_find_program((struct pipeline *)pipeline, id);
}

const struct pipeline_program *pipeline_root(const struct pipeline *pipeline)
{
	return pipeline->root_id ? pipeline_find(pipeline, pipeline->root_id) : NULL;
}

const struct pipeline_program *pipeline_next_member(const struct pipeline *pipeline, __u32 id)
{
	const struct pipeline_program *program = pipeline_find(pipeline, id);
	const struct pipeline_program *end = pipeline->programs + pipeline->program_count;

	/* members are stored in run order */
	if (!program || !program->member || program + 1 == end || !program[1].member)
		return NULL;
	return program + 1;
}

const struct pipeline_program *pipeline_last_member(const struct pipeline *pipeline)
{
	const struct pipeline_program *last = NULL;

	for (unsigned int i = 0; i < pipeline->program_count; i++)
		if (pipeline->programs[i].member)
			last = &pipeline->programs[i];
	return last;
}

const struct pipeline_program *pipeline_speaker(const struct pipeline *pipeline,
						const struct pipeline_program *program)
{
	/* programs may call each other */
	for (unsigned int steps = 0; program && steps < pipeline->program_count; steps++) {
		if (program->root || program->member || program->entry[0])
			return program;
		program = pipeline_find(pipeline, program->caller_id);
	}
	return NULL;
}

bool pipeline_is_whole(const struct pipeline *pipeline)
{
	if (pipeline->error)
		return false;
	return !pipeline->dispatcher || pipeline_last_member(pipeline);
}

bool pipeline_is_hidden(const struct pipeline *pipeline)
{
	return pipeline->blind_looks >= HIDDEN_LOOKS;
}

bool pipeline_selects(const char *selector, __u32 id, const char *name)
{
	char *end;
	unsigned long number;

	if (!selector)
		return true;
	number = strtoul(selector, &end, 10);
	if (end != selector && !*end)
		return number == id;
	return !strcmp(selector, name);
}

void pipeline_note_error(struct pipeline *pipeline, int err)
{
	if (err != -ENOENT && err != -EPERM && !pipeline->error)
		pipeline->error = err;
}

bool pipeline_grow(struct pipeline *pipeline, void *array, unsigned int count, size_t size)
{
	bool grown = array_grow(array, count, size);

	if (!grown)
		pipeline_note_error(pipeline, -ENOMEM);
	return grown;
}

struct pipeline_program *pipeline_add_program(struct pipeline *pipeline, __u32 id)
{
	struct pipeline_program *program;
	CLEANUP_FD int fd = -1;

	if (!id || pipeline_find(pipeline, id))
		return NULL;
	fd = bpf_prog_get_fd_by_id(id);
	if (fd < 0 && errno == ENOENT)
		return NULL;
	if (fd < 0)
		pipeline_note_error(pipeline, -errno);
	if (!PIPELINE_GROW(pipeline, programs, program_count))
		return NULL;
	program = &pipeline->programs[pipeline->program_count++];
	*program = (struct pipeline_program){ .id = id };
	bpfinfo_program_name(fd, program->name, sizeof(program->name));
	return program;
}

void pipeline_close(struct pipeline *pipeline)
{
	for (unsigned int i = 0; i < pipeline->hook_count; i++) {
		cleanup_fd(&pipeline->hooks[i].fd);
	}
}

void pipeline_free(struct pipeline *pipeline)
{
	pipeline_close(pipeline);
	free(pipeline->programs);
	free(pipeline->hooks);
	free(pipeline->tables);
	memset(pipeline, 0, sizeof(*pipeline));
}

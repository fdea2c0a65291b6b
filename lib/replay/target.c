// SPDX-License-Identifier: LGPL-2.1-only
/*
 * A name is a decimal id, an interface, a file or a pin. A program that is already loaded runs with
 * the maps that its interfaces use.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "bpf/bpfinfo.h"
#include "bpf/probe.h"
#include "bpf/program_type.h"
#include "replay/target.h"
#include "xdp/pipeline_maps.h"

static bool target_is_number(const char *name)
{
	return *name && !name[strspn(name, "0123456789")];
}

bool target_is_interface(const struct xdpdrop_replay_opts *opts)
{
	return !target_is_number(opts->program) && if_nametoindex(opts->program);
}

/* The pipeline of an interface, whose root is to run. */
static int target_find_attached(struct target *target, const char *ifname, const struct log *log)
{
	struct pipeline *pipeline = &target->pipeline;
	int err = pipeline_read(pipeline, ifname, 0, log);

	err = err ? err : pipeline->error;
	if (err)
		return log_error(log, err, "cannot look at the programs of %s: %s", ifname,
				 strerror(-err));
	if (!pipeline->root_id)
		return log_error(log, -ENOENT, "no XDP program is attached to %s", ifname);
	target->fd = bpf_prog_get_fd_by_id(pipeline->root_id);
	return target->fd < 0 ? log_error(log, -errno, "cannot open the program of %s: %s", ifname,
					  strerror(errno)) :
				0;
}

static int target_find_loaded(struct target *target, const char *name, const struct log *log)
{
	if (target_is_number(name))
		target->fd = bpf_prog_get_fd_by_id(strtoul(name, NULL, 10));
	else
		target->fd = bpf_obj_get(name);
	if (target->fd >= 0)
		return 0;
	if (errno == ENOENT && target_is_number(name))
		return log_error(log, -ENOENT, "there is no program with id %s", name);
	if (errno == ENOENT)
		return log_error(log, -ENOENT,
				 "there is no program %s: it is no object file, pin, id of a "
				 "program or interface",
				 name);
	return log_error(log, -errno, "cannot open program %s: %s", name, strerror(errno));
}

static int target_refuse(const struct log *log, const struct bpf_prog_info *info, int fd)
{
	char name[64];

	bpfinfo_program_name(fd, name, sizeof(name));
	if (info->type == BPF_PROG_TYPE_EXT)
		return log_error(log, -EOPNOTSUPP,
				 "program %s (id %u) is a member of a dispatcher, which the kernel "
				 "runs only as a whole: name the interface",
				 name, info->id);
	return log_error(log, -EOPNOTSUPP, "program %s (id %u) is no XDP program", name, info->id);
}

/* Read the program and the programs that it tail-calls. */
static int target_read(struct target *target, const struct log *log)
{
	struct pipeline *pipeline = &target->pipeline;
	struct bpf_prog_info info;
	int err = bpfinfo_is_map(target->fd) ? -EINVAL : bpfinfo_program(target->fd, &info, NULL);

	if (err == -EINVAL)
		return log_error(log, err, "the pin is no program's");
	if (err)
		return log_error(log, err, "cannot read the program: %s", strerror(-err));
	if (info.type != BPF_PROG_TYPE_XDP)
		return target_refuse(log, &info, target->fd);
	if (!pipeline->program_count)
		pipeline_read_program(pipeline, info.id);
	if (pipeline->error)
		return log_error(log, pipeline->error,
				 "cannot look at all programs of program id %u: %s", info.id,
				 strerror(-pipeline->error));
	return 0;
}

/* The kernel reports this only by accepting the program beside others of that kind. */
static bool target_has_frags(int fd)
{
	for (unsigned int number = 0; number < PROGRAM_ROOT_TYPES; number++)
		if (program_type(number).frags &&
		    program_type_fits_program(fd, program_type(number)))
			return true;
	return false;
}

static int target_check_live(const struct target *target, const struct xdpdrop_replay_opts *opts,
			     const struct log *log)
{
	const struct pipeline_program *root = target->pipeline.programs;

	if (opts->live)
		return 0;
	return log_error(log, -EPERM,
			 "program %s (id %u) is loaded and may be in use: each frame changes its "
			 "maps (counters, connections, rate limits) as a received one does; name "
			 "its object file, or allow that (live)",
			 root->name, root->id);
}

int target_open(struct target *target, const struct xdpdrop_replay_opts *opts,
		const struct log *log)
{
	const char *name = opts->program;
	int err;

	*target = TARGET_NONE;
	if (target_is_interface(opts)) {
		err = target_find_attached(target, name, log);
	} else {
		err = target_is_number(name) ? -ENOENT : target_load(target, opts, log);
		if (err == -ENOENT && !target->object)
			err = target_find_loaded(target, name, log);
	}
	err = err ? err : target_read(target, log);
	if (err)
		return err;
	target->frags = probe(FEATURE_FRAGS) && target_has_frags(target->fd);
	return target->object ? 0 : target_check_live(target, opts, log);
}

void target_close(struct target *target)
{
	pipeline_free(&target->pipeline);
	cleanup_fd(&target->fd);
	bpf_object__close(target->object);
	*target = TARGET_NONE;
}

// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Loads an object file. Nothing is attached or pinned, and no map is taken from a pin: what a
 * running program uses is not touched.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/cleanup.h"
#include "bpf/probe.h"
#include "replay/fill.h"
#include "replay/target.h"

#define TARGET_REFUSED 1

/* "FILE" or "FILE:PROGRAM". @path is FILE; the result is PROGRAM, or NULL: the first one. */
static const char *target_split(const char *name, char *path, size_t size)
{
	char *colon;

	snprintf(path, size, "%s", name);
	colon = access(path, F_OK) ? strrchr(path, ':') : NULL;
	if (!colon)
		return NULL;
	*colon = '\0';
	return name + (colon + 1 - path);
}

/* A program of a section that libbpf does not know may be one for XDP. */
static bool target_may_run(const struct bpf_program *program)
{
	enum bpf_attach_type attach = bpf_program__expected_attach_type(program);

	return bpf_program__type(program) == BPF_PROG_TYPE_XDP && attach != BPF_XDP_DEVMAP &&
	       attach != BPF_XDP_CPUMAP;
}

static struct bpf_program *target_choose(struct bpf_object *object, const char *name)
{
	struct bpf_program *program;

	if (name)
		return bpf_object__find_program_by_name(object, name);
	bpf_object__for_each_program(program, object) if (target_may_run(program)) return program;
	return NULL;
}

/* Does one of "NAME:INDEX=PROGRAM" put @program into a table? */
static bool target_is_tail(const struct bpf_program *program, const char *const *tails)
{
	for (; tails && *tails; tails++) {
		const char *name = strrchr(*tails, '=');

		if (name && !strcmp(name + 1, bpf_program__name(program)))
			return true;
	}
	return false;
}

/* @all: every XDP program, as other loaders do: the file may have them in tail-call tables. */
static void target_select(struct bpf_object *object, struct bpf_program *chosen, bool all,
			  const char *const *tails)
{
	struct bpf_program *program;
	struct bpf_map *map;

	if (bpf_program__type(chosen) == BPF_PROG_TYPE_UNSPEC)
		bpf_program__set_type(chosen, BPF_PROG_TYPE_XDP);
	bpf_object__for_each_program(program, object) bpf_program__set_autoload(
		program, program == chosen ||
				 (all && bpf_program__autoload(program) &&
				  bpf_program__type(program) == BPF_PROG_TYPE_XDP) ||
				 target_is_tail(program, tails));
	bpf_object__for_each_map(map, object) bpf_map__set_pin_path(map, NULL);
}

/* libbpf has error numbers of its own. */
static int target_refuse_file(const struct log *log, const char *path, int error)
{
	char why[128];

	libbpf_strerror(error, why, sizeof(why));
	return log_error(log, -EINVAL, "%s is no BPF object file: %s", path, why);
}

static int target_refuse_name(const struct log *log, const char *path, const char *name)
{
	return name ? log_error(log, -EINVAL, "%s has no XDP program %s", path, name) :
		      log_error(log, -EINVAL, "%s has no XDP program", path);
}

/* An older kernel refuses such a program with EINVAL, without a word of the verifier. */
static int target_check_frags(const struct bpf_program *program, const struct log *log)
{
	const char *section = bpf_program__section_name(program);

	if (strncmp(section, "xdp.frags", strlen("xdp.frags")) != 0 || probe(FEATURE_FRAGS))
		return 0;
	return log_error(log, -EOPNOTSUPP,
			 "program %s is for frames in fragments (section %s), which this kernel "
			 "cannot load (Linux 5.18 or later can)",
			 bpf_program__name(program), section);
}

/* TARGET_REFUSED: the kernel refused one of @all programs. Errors are logged. */
static int target_try(struct target *target, const char *path, const char *name,
		      const struct xdpdrop_replay_opts *opts, bool all, const struct log *log)
{
	struct bpf_program *program;
	struct fill fill;
	int err;

	bpf_object__close(target->object);
	target->object = bpf_object__open_file(path, NULL);
	if (!target->object)
		return target_refuse_file(log, path, errno);
	program = target_choose(target->object, name);
	if (!program || (bpf_program__type(program) != BPF_PROG_TYPE_XDP &&
			 bpf_program__type(program) != BPF_PROG_TYPE_UNSPEC))
		return target_refuse_name(log, path, name);
	err = target_check_frags(program, log);
	if (err)
		return err;
	target_select(target->object, program, all, opts->tails);
	err = fill_begin(&fill, target->object, opts, log);
	if (!err && bpf_object__load(target->object))
		err = all ? TARGET_REFUSED :
			    log_error(log, -errno, "cannot load %s: %s", path, strerror(errno));
	err = err ? err : fill_maps(&fill);
	fill_end(&fill);
	if (err)
		return err;
	target->fd = fcntl(bpf_program__fd(program), F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	return target->fd < 0 ? -errno : 0;
}

int target_load(struct target *target, const struct xdpdrop_replay_opts *opts,
		const struct log *log)
{
	char path[4096];
	const char *name = target_split(opts->program, path, sizeof(path));
	CLEANUP_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
	int err;

	/* EIO: a pin */
	if (fd < 0 && (errno == ENOENT || errno == EIO))
		return -ENOENT;
	if (fd < 0)
		return log_error(log, -errno, "cannot open %s: %s", path, strerror(errno));
	err = target_try(target, path, name, opts, true, log);
	/* maybe another program of the file */
	if (err == TARGET_REFUSED)
		err = target_try(target, path, name, opts, false, log);
	return err;
}

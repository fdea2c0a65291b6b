// SPDX-License-Identifier: LGPL-2.1-only
#include "tap/hook_template.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "bpf/dead_code.h"
#include "bpf/program_image.h"
#include "capture.skel.h"
#include "control.h"
#include "tap/hook_program.h"

#define BIT_OF(member) (1U << offsetof(struct xdpdrop_constants, member) / sizeof(__u32))
/* Constants in which programs of a template differ. */
#define VARYING (BIT_OF(action) | BIT_OF(verdict) | BIT_OF(slot))

struct hook_template {
	struct xdpdrop_capture_bpf *skeleton; /* has the maps */
	struct program_image image;
	struct program_type type;
	struct xdpdrop_constants constants;
	bool has_cell;
};

static int hook_template_load_object(struct hook_template *template,
				     const struct tap_context *context)
{
	struct bpf_program *program = template->skeleton->progs.xdpdrop_capture;
	size_t own = bpf_program__insn_cnt(program);
	int err = 0;

	if (context->filters->used)
		err = filter_attach(&context->filters->xdp, program, context->log);
	err = err ?: program_image_begin(&template->image, program, own);
	err = err ?: xdpdrop_capture_bpf__load(template->skeleton);
	/* libbpf leaves out the mapping if it takes the kernel for one before 5.5 */
	if (!err && !template->skeleton->rodata)
		err = -EOPNOTSUPP;
	return err ?: program_image_finish(&template->image, program, &template->constants);
}

static int hook_template_make(struct hook_template *template, const struct tap_context *context,
			      const struct hook *hook)
{
	__u32 slot = __builtin_ctz(hook->wanted);
	CLEANUP_FD int cell = -1;
	int err = hook_program_open_cell(hook, &cell);

	template->type = program_type(hook->type);
	template->has_cell = cell >= 0;
	template->constants = hook_program_constants(context, hook, slot, template->type, cell);
	err = err ?: hook_program_open(context, hook, template->type, cell, &template->skeleton);
	err = err ?: hook_template_load_object(template, context);
	return err ?: dead_code_remove(&template->image, ~VARYING);
}

static const struct hook *hook_template_find(const struct hook *hooks, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++)
		if (hooks[i].wanted && hooks[i].fits && !hooks[i].extension)
			return &hooks[i];
	return NULL;
}

/* The log is for programs that are used. */
struct hook_template *hook_template_new(const struct tap_context *context, const struct hook *hooks,
					unsigned int count)
{
	static const struct log none;
	const struct hook *hook = hook_template_find(hooks, count);
	struct tap_context quiet = *context;
	struct hook_template *template;
	LOG_SCOPE(&none);

	quiet.log = &none;
	if (!hook || (context->log && context->log->level >= XDPDROP_LOG_DEBUG))
		return NULL;
	template = calloc(1, sizeof(*template));
	if (!template || !hook_template_make(template, &quiet, hook))
		return template;
	hook_template_free(template);
	return NULL;
}

/* Does the program read the same settings? */
static bool hook_template_selects(const struct hook_template *template, const struct hook *hook)
{
	const struct xdpdrop_capture_bpf *skeleton = template->skeleton;

	return skeleton->rodata->reason_count == hook->reason_count &&
	       skeleton->rodata->rule_count == hook->rule_count &&
	       !memcmp((const void *)skeleton->rodata->reasons, hook->reasons,
		       hook->reason_count * sizeof(hook->reasons[0])) &&
	       !memcmp((const void *)skeleton->rodata->rules, hook->rules,
		       hook->rule_count * sizeof(hook->rules[0])) &&
	       (!template->constants.replaying ||
		skeleton->rodata->replayed_point == (__u32)hook->point);
}

static bool hook_template_fits(const struct hook_template *template, const struct hook *hook,
			       struct program_type type, const struct xdpdrop_constants *constants)
{
	struct xdpdrop_constants same = *constants;

	same.action = template->constants.action;
	same.verdict = template->constants.verdict;
	same.slot = template->constants.slot;
	return !hook->extension && type.attach_type == template->type.attach_type &&
	       type.frags == template->type.frags &&
	       !memcmp(&same, &template->constants, sizeof(same)) &&
	       hook_template_selects(template, hook);
}

static void hook_template_set_maps(const struct hook_template *template, const struct hook *hook,
				   int cell, struct bpf_insn *insns)
{
	const struct xdpdrop_capture_bpf *skeleton = template->skeleton;
	const struct program_image *image = &template->image;

	program_image_replace_map(insns, image->count, bpf_map__fd(skeleton->maps.data_ifaces),
				  hook->ifaces_fd);
	program_image_replace_map(insns, image->count, bpf_map__fd(skeleton->maps.xdpdrop_next),
				  hook->chain.next_fd);
	if (cell >= 0)
		program_image_replace_map(insns, image->count,
					  bpf_map__fd(skeleton->maps.xdpdrop_reason), cell);
}

/* -EOPNOTSUPP: it is a program of another kind. */
static int hook_template_copy(const struct hook_template *template,
			      const struct tap_context *context, const struct hook *hook,
			      __u32 slot, struct program_type type)
{
	const struct program_image *image = &template->image;
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = type.attach_type,
		    .prog_flags = type.frags ? BPF_F_XDP_HAS_FRAGS : 0);
	CLEANUP_FREE struct bpf_insn *insns = NULL;
	struct xdpdrop_constants constants;
	CLEANUP_FD int cell = -1;
	int fd = hook_program_open_cell(hook, &cell);

	if (fd)
		return fd;
	constants = hook_program_constants(context, hook, slot, type, cell);
	if ((cell >= 0) != template->has_cell ||
	    !hook_template_fits(template, hook, type, &constants))
		return -EOPNOTSUPP;
	insns = malloc(image->count * sizeof(*insns));
	if (!insns)
		return -ENOMEM;
	memcpy(insns, image->insns, image->count * sizeof(*insns));
	program_image_put(image, insns, &constants);
	hook_template_set_maps(template, hook, cell, insns);
	fd = bpf_prog_load(BPF_PROG_TYPE_XDP, "xdpdrop_capture", "GPL", insns, image->count, &opts);
	return fd < 0 ? -errno : fd;
}

int hook_template_load(const struct hook_template *template, const struct tap_context *context,
		       const struct hook *hook, __u32 slot, struct program_type type)
{
	int fd = template ? hook_template_copy(template, context, hook, slot, type) : -EOPNOTSUPP;

	/* -ESTALE: the hook's program is gone */
	return fd >= 0 || fd == -ESTALE ? fd : hook_program_load(context, hook, slot, type);
}

void hook_template_free(struct hook_template *template)
{
	if (!template)
		return;
	program_image_free(&template->image);
	xdpdrop_capture_bpf__destroy(template->skeleton);
	free(template);
}

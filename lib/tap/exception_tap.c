// SPDX-License-Identifier: LGPL-2.1-only
/*
 * The exception tap: captures the kernel's tracepoints for XDP errors of one interface. It is armed
 * beside another tap or alone. It does not depend on programs, so there is no program to follow.
 */
#include <bpf/libbpf.h>
#include <errno.h>
#include <string.h>

#include "control.h"
#include "exception.skel.h"
#include "xdp/netns.h"
#include "bpf/constants.h"
#include "bpf/probe.h"
#include "tap/tap.h"

#define LINKS 5

struct tap_state {
	struct xdpdrop_exception_bpf *skeleton;
	struct bpf_link *links[LINKS]; /* attached while a process has them open */
};

static int exception_tap_check(const struct tap_context *context, char *why, size_t size)
{
	int err = probe_need(FEATURE_RAW_TRACEPOINT, why, size);

	(void)context;
	return err ?: probe_need(FEATURE_KERNEL_BTF, why, size);
}

static void exception_tap_destroy_links(struct tap_state *state)
{
	for (size_t i = 0; i < LINKS; i++) {
		bpf_link__destroy(state->links[i]);
		state->links[i] = NULL;
	}
}

static void exception_tap_undo(struct tap_context *context, struct tap_state *state)
{
	(void)context;
	exception_tap_destroy_links(state);
}

/* Each link stays attached until all processes have closed it. */
static void exception_tap_close(struct tap_state *state)
{
	exception_tap_destroy_links(state);
	xdpdrop_exception_bpf__destroy(state->skeleton);
	state->skeleton = NULL;
}

static void exception_tap_keep(const struct tap_state *state, struct fd_list *list)
{
	for (size_t i = 0; i < LINKS; i++)
		if (state->links[i])
			fd_list_add(list, bpf_link__fd(state->links[i]));
	tap_keep(state->skeleton->obj, list);
}

/*
 * xdp_redirect_map_err is an older name of xdp_redirect_err. A kernel has one of the two, or both.
 */
static int exception_tap_attach(struct tap_state *state, const struct log *log)
{
	const struct xdpdrop_exception_bpf *skeleton = state->skeleton;
	const struct {
		const struct bpf_program *program;
		const char *tracepoint;
	} points[LINKS] = {
		{ skeleton->progs.xdpdrop_xdp_exception, "xdp_exception" },
		{ skeleton->progs.xdpdrop_redirect_err, "xdp_redirect_err" },
		{ skeleton->progs.xdpdrop_redirect_err, "xdp_redirect_map_err" },
		{ skeleton->progs.xdpdrop_bulk_tx, "xdp_bulk_tx" },
		{ skeleton->progs.xdpdrop_devmap_xmit, "xdp_devmap_xmit" },
	};

	for (size_t i = 0; i < LINKS; i++) {
		state->links[i] =
			bpf_program__attach_raw_tracepoint(points[i].program, points[i].tracepoint);
		if (state->links[i])
			continue;
		if (!i)
			return -errno;
		log_info(log, "tracepoint %s cannot be followed: %s", points[i].tracepoint,
			 strerror(errno));
	}
	return 0;
}

static void exception_tap_set_devices(const struct tap_context *context, struct tap_state *state)
{
	const struct lower_set *set = &context->pipeline.lower;

	for (unsigned int i = 0; i < set->count; i++)
		state->skeleton->bss->lower[i] = set->lower[i].ifindex;
	state->skeleton->bss->lower_count = set->count;
}

static int exception_tap_load_and_attach(const struct tap_context *context, struct tap_state *state,
					 int point)
{
	struct xdpdrop_exception_bpf *skeleton = state->skeleton = xdpdrop_exception_bpf__open();
	struct xdpdrop_constants constants = capture_maps_constants(context->maps);
	struct bpf_program *program;
	int err;

	if (!skeleton)
		return -errno;
	exception_tap_set_devices(context, state);
	skeleton->rodata->point = point;
	skeleton->rodata->ifindex = context->pipeline.ifindex;
	skeleton->rodata->netns = netns_inode();
	err = CAPTURE_MAPS_SHARE(context->maps, skeleton);
	bpf_object__for_each_program(program, skeleton->obj) err =
		err ?: constants_put(program, &constants);
	err = err ?: xdpdrop_exception_bpf__load(skeleton);
	return err ?: exception_tap_attach(state, context->log);
}

static int exception_tap_arm(struct tap_context *context, struct tap_state *state)
{
	const struct xdpdrop_point info = tap_point(context, tap_exception.name, 0, "exceptions");
	int point = points_add(context->points, &info, NULL);
	int err = point < 0 ? point : exception_tap_load_and_attach(context, state, point);

	if (!err)
		return 0;
	if (point >= 0)
		points_close(context->points, point);
	return log_error(context->log, err, "cannot see exceptions on %s: %s",
			 context->pipeline.ifname, strerror(-err));
}

static int exception_tap_resync(struct tap_context *context, struct tap_state *state)
{
	exception_tap_set_devices(context, state);
	return 0;
}

const struct tap tap_exception = {
	.name = "exception",
	.state_size = sizeof(struct tap_state),
	.check = exception_tap_check,
	.arm = exception_tap_arm,
	.resync = exception_tap_resync,
	.undo = exception_tap_undo,
	.close = exception_tap_close,
	.keep = exception_tap_keep,
};

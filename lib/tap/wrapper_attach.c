// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Loads the wrapper with a type that its map can share with the target, and replaces the target by
 * it. The order of steps keeps the user's program running at every moment: before the wrapper is
 * attached, the target is in its map and the map is pinned.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "bpf/bpfinfo.h"
#include "bpf/probe.h"
#include "bpf/program_type.h"
#include "tap/wrapper_attach.h"
#include "control.h"
#include "wrap.skel.h"
#include "xdp/bpffs.h"

static int wrapper_record(const struct tap_context *context, const struct wrapper *wrap,
			  __u32 *record)
{
	const struct journal_record wrapped = { .kind = JOURNAL_WRAPPER, .wrapper = *wrap };

	return watchdog_write(context->watchdog, record, &wrapped);
}

/* Once the record is written, the watchdog undoes an unfinished exchange. */
static int wrapper_pin_and_swap(const struct tap_context *context, struct wrapper *wrap,
				__u32 *record)
{
	int err;

	bpffs_pin_path(wrap->wrapper_id, wrap->pin, sizeof(wrap->pin));
	err = wrapper_record(context, wrap, record);
	if (err)
		return err;
	err = bpffs_pin(wrap->map_fd, wrap->wrapper_id, wrap->pin, sizeof(wrap->pin));
	if (err)
		return err;
	err = attachment_swap(&wrap->attachment, wrap->target_fd, wrap->wrapper_fd);
	if (!err)
		wrapper_record(context, wrap, record); /* now with the id of the link */
	return err;
}

/* Attach the loaded wrapper. From here on the map outlives this process. */
static int wrapper_put(const struct tap_context *context, struct wrapper *wrap, __u32 *record,
		       struct xdpdrop_wrap_bpf *skeleton)
{
	int map = bpf_map__fd(skeleton->maps.xdpdrop_target), err;
	struct bpf_prog_info info;
	__u32 slot = 0;

	wrap->wrapper_fd = dup(bpf_program__fd(skeleton->progs.xdpdrop_wrap));
	wrap->map_fd = dup(map);
	if (wrap->wrapper_fd < 0 || wrap->map_fd < 0)
		return -errno;
	err = bpfinfo_program(wrap->wrapper_fd, &info, NULL);
	if (err)
		return err;
	wrap->wrapper_id = info.id;
	if (bpf_map_update_elem(map, &slot, &wrap->target_fd, BPF_ANY))
		return -errno;
	return wrapper_pin_and_swap(context, wrap, record);
}

/* After any other error it is unknown which of the two programs is attached. */
static bool wrapper_is_refusal(int error)
{
	return error == -EINVAL || error == -ESTALE || error == -ENODEV;
}

static void wrapper_take_back(const struct tap_context *context, struct wrapper *wrap,
			      __u32 *record, int error)
{
	if (*record && !wrapper_is_refusal(error))
		wrapper_undo(wrap, NULL);
	else
		wrapper_abandon(wrap);
	watchdog_withdraw(context->watchdog, record);
}

static int wrapper_try_type(const struct tap_context *context, struct wrapper *wrap, __u32 *record,
			    unsigned int point, struct program_type type)
{
	struct xdpdrop_wrap_bpf *skeleton = xdpdrop_wrap_bpf__open();
	struct xdpdrop_constants constants = capture_maps_constants(context->maps);
	int err;

	if (!skeleton)
		return -errno;
	skeleton->rodata->actions = context->opts->actions;
	skeleton->rodata->point = point;
	err = CAPTURE_MAPS_SHARE(context->maps, skeleton);
	/* reading the length of a frame in fragments takes a helper call */
	constants.has_frags = type.frags;
	err = err ?: tap_complete(context, skeleton->progs.xdpdrop_wrap, &constants, false);
	err = err ?: program_type_set(skeleton->progs.xdpdrop_wrap, type);
	err = err ?: xdpdrop_wrap_bpf__load(skeleton);
	err = err ?: wrapper_put(context, wrap, record, skeleton);
	xdpdrop_wrap_bpf__destroy(skeleton);
	if (err)
		wrapper_take_back(context, wrap, record, err);
	return err;
}

static int wrapper_try_types(const struct tap_context *context, struct wrapper *wrap, __u32 *record,
			     unsigned int point)
{
	int err = -EOPNOTSUPP;

	for (unsigned int number = 0; number < PROGRAM_ROOT_TYPES; number++) {
		struct program_type type = program_type(number);

		if (type.frags && !probe(FEATURE_FRAGS))
			continue;
		err = -EINVAL;
		if (!program_type_fits_program(wrap->target_fd, type))
			continue;
		err = wrapper_try_type(context, wrap, record, point, type);
		if (!err)
			log_info(context->log,
				 "wrapper (id %u) accepted with expected attach type "
				 "%s, frags %s",
				 wrap->wrapper_id, program_type_name(type),
				 type.frags ? "yes" : "no");
		if (err != -EINVAL)
			break;
	}
	return err;
}

int wrapper_attach(const struct tap_context *context, struct wrapper *wrap, __u32 *record,
		   __u32 target_id, unsigned int point)
{
	int err;

	*record = 0;
	*wrap = WRAPPER_NONE;
	wrap->target_id = target_id;
	wrap->target_fd = bpf_prog_get_fd_by_id(target_id);
	if (wrap->target_fd < 0)
		err = errno == ENOENT ? -ESTALE : -errno;
	else
		err = attachment_find(&wrap->attachment, context->pipeline.ifindex, target_id);
	err = err ?: wrapper_try_types(context, wrap, record, point);
	if (!err)
		return 0;
	wrapper_close(wrap);
	if (err == -ESTALE)
		return err;
	if (err == -EEXIST)
		return root_slot_report_blocked(context->pipeline.ifindex, "wrapped",
						"detach the one above first", context->log);
	if (tap_filter_refused(context, err, false))
		return err;
	return log_error(context->log, err, "cannot wrap program id %u on %s: %s%s", target_id,
			 context->pipeline.ifname, strerror(-err), tap_hint(err));
}

// SPDX-License-Identifier: LGPL-2.1-only
/*
 * What is attached to interfaces and which taps would work there, for programs to read. What
 * people read is in inspect.c.
 */
#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include "api/inspect.h"
#include "api/session.h"
#include "base/cleanup.h"
#include "bpf/owner.h"
#include "bpf/probe.h"
#include "interface.h"
#include "process/privilege.h"
#include "tap/hook_reasons.h"
#include "tap/tap_select.h"
#include "xdp/pipeline_devices.h"

/* One interface, and all that its lists point to. */
struct inspection {
	struct xdpdrop_interface interface;
	struct tap_answer answers[TAP_SELECT_MAX];
	struct xdpdrop_tap_info taps[TAP_SELECT_MAX];
	const struct xdpdrop_tap_info *tap_list[TAP_SELECT_MAX + 1];
	struct xdpdrop_program_info *programs;
	const struct xdpdrop_program_info **program_list;
	struct xdpdrop_hook_info *hooks;
	const struct xdpdrop_hook_info **hook_list;
	const char ***names; /* of each hook's reasons, ends with NULL */
	struct reasons *reasons;
	unsigned int hook_count;
};

static void inspection_put_owner(__u32 program_id, __u32 *pid, bool *alive)
{
	struct owner owner;

	if (!*pid && program_id && !owner_of(program_id, &owner)) {
		*pid = owner.pid;
		*alive = owner.alive;
	}
}

static void inspection_put_taps(struct inspection *inspection, const struct xdpdrop *session,
				const struct tap_context *context)
{
	unsigned int count = tap_select_answer(context, session->tap, inspection->answers);

	for (unsigned int i = 0; i < count; i++) {
		const struct tap_answer *answer = &inspection->answers[i];

		inspection->taps[i] = (struct xdpdrop_tap_info){
			.name = answer->tap->name,
			.works = answer->works,
			.chosen = answer->chosen,
			.why = answer->works ? NULL : answer->why,
		};
		inspection->tap_list[i] = &inspection->taps[i];
	}
	inspection->interface.taps = inspection->tap_list;
}

static void inspection_put_programs(struct inspection *inspection, const struct pipeline *pipeline)
{
	for (unsigned int i = 0; i < pipeline->program_count; i++) {
		const struct pipeline_program *program = &pipeline->programs[i];
		struct xdpdrop_program_info *info = &inspection->programs[i];

		*info = (struct xdpdrop_program_info){
			.name = program->name,
			.id = program->id,
			.root = program->root,
			.member = program->member,
			.caller_id = program->caller_id,
			.entry = program->entry[0] ? program->entry : NULL,
		};
		if (program->root || program->member)
			inspection_put_owner(program->id, &info->owner_pid, &info->owner_alive);
		inspection->program_list[i] = info;
	}
	inspection->interface.programs = inspection->program_list;
}

static int inspection_put_reasons(struct inspection *inspection, unsigned int index, int map_fd)
{
	struct reasons *reasons = &inspection->reasons[index];
	const char **names;

	hook_reasons_of_map(reasons, map_fd);
	names = calloc(reasons->count + 1, sizeof(*names));
	if (!names)
		return -ENOMEM;
	for (size_t i = 0; i < reasons->count; i++)
		names[i] = reasons->reason[i].name;
	inspection->names[index] = names;
	inspection->hooks[index].reasons = names;
	return 0;
}

static int inspection_put_hooks(struct inspection *inspection, const struct pipeline *pipeline)
{
	int err = 0;

	for (unsigned int i = 0; !err && i < pipeline->hook_count; i++) {
		const struct pipeline_hook *hook = &pipeline->hooks[i];
		struct xdpdrop_hook_info *info = &inspection->hooks[i];
		struct hook_holder holder = { 0 };

		inspect_hook_holder(hook, &holder);
		*info = (struct xdpdrop_hook_info){
			.name = hook->name,
			.id = hook->map_id,
			.program_id = hook->program_id,
			.tags = hook->tag,
			.owner_pid = holder.owner.pid,
			.owner_alive = holder.owner.alive,
			.other_id = holder.other_id,
		};
		err = inspection_put_reasons(inspection, i, hook->fd);
		inspection->hook_list[i] = info;
	}
	inspection->interface.hooks = inspection->hook_list;
	return err;
}

static int inspection_make_room(struct inspection *inspection, const struct pipeline *pipeline)
{
	size_t programs = pipeline->program_count + 1, hooks = pipeline->hook_count + 1;

	inspection->hook_count = pipeline->hook_count;
	inspection->programs = calloc(programs, sizeof(*inspection->programs));
	inspection->program_list = calloc(programs, sizeof(*inspection->program_list));
	inspection->hooks = calloc(hooks, sizeof(*inspection->hooks));
	inspection->hook_list = calloc(hooks, sizeof(*inspection->hook_list));
	inspection->names = calloc(hooks, sizeof(*inspection->names));
	inspection->reasons = calloc(hooks, sizeof(*inspection->reasons));
	return inspection->programs && inspection->program_list && inspection->hooks &&
			       inspection->hook_list && inspection->names && inspection->reasons ?
		       0 :
		       -ENOMEM;
}

static void inspection_free(struct inspection *inspection)
{
	for (unsigned int i = 0; i < inspection->hook_count; i++) {
		if (inspection->names)
			free(inspection->names[i]);
		if (inspection->reasons)
			reasons_free(&inspection->reasons[i]);
	}
	free(inspection->programs);
	free(inspection->program_list);
	free(inspection->hooks);
	free(inspection->hook_list);
	free(inspection->names);
	free(inspection->reasons);
}

static int inspection_fill(struct inspection *inspection, const struct xdpdrop *session,
			   const struct tap_context *context)
{
	const struct pipeline *pipeline = &context->pipeline;
	int err = inspection_make_room(inspection, pipeline);

	if (err)
		return err;
	inspection->interface = (struct xdpdrop_interface){
		.size = sizeof(inspection->interface),
		.name = pipeline->ifname,
		.ifindex = pipeline->ifindex,
		.mode = pipeline_root(pipeline) ? pipeline_mode_name(pipeline->mode) : NULL,
		.upper = pipeline_is_lower(pipeline) ? pipeline->root_ifname : NULL,
		.link_type = pipeline->device.link_type,
	};
	inspection_put_taps(inspection, session, context);
	inspection_put_programs(inspection, pipeline);
	return inspection_put_hooks(inspection, pipeline);
}

struct visitor {
	xdpdrop_interface_fn fn;
	void *data;
	struct xdpdrop *session;
	const struct xdpdrop_opts *opts;
	const char *netns; /* NULL: the session's */
	int err;
};

static int inspection_show(struct xdpdrop *session, const struct visitor *visitor)
{
	for (unsigned int i = 0; i < session->iface_count; i++) {
		struct inspection *inspection = calloc(1, sizeof(*inspection));
		int err = inspection ? inspection_fill(inspection, session,
						       &session->ifaces[i].context) :
				       -ENOMEM;

		if (!err) {
			inspection->interface.netns = visitor->netns;
			visitor->fn(visitor->data, &inspection->interface);
		}
		if (inspection)
			inspection_free(inspection);
		free(inspection);
		if (err)
			return log_error(&session->log, err, "out of memory");
	}
	return 0;
}

static int inspection_of_all(struct xdpdrop *session, const struct visitor *visitor)
{
	struct if_nameindex *all = if_nameindex();
	int err, first = 0;

	if (!all)
		return -errno;
	for (const struct if_nameindex *one = all; one->if_index; one++) {
		err = session_prepare(session, one->if_name, visitor->opts);
		err = err ?: inspection_show(session, visitor);
		/* it may have gone since the list was made */
		if (err != -ENODEV)
			first = first ?: err;
		if (err == -EPERM || err == -EINVAL)
			break;
	}
	if_freenameindex(all);
	return first;
}

static void inspection_of_netns(void *data, const char *netns)
{
	struct visitor *visitor = data;
	int err;

	visitor->netns = netns;
	err = inspection_of_all(visitor->session, visitor);
	visitor->err = visitor->err ?: err;
}

int xdpdrop_inspect(struct xdpdrop *session, const char *ifname, const struct xdpdrop_opts *opts,
		    xdpdrop_interface_fn fn, void *data)
{
	LOG_SCOPE(&session->log);
	struct visitor visitor = { .fn = fn, .data = data, .session = session, .opts = opts };
	struct netns_visit visit;
	int err;

	if (session->all_netns && !ifname)
		return netns_each(inspection_of_netns, &visitor) ?: visitor.err;
	err = session_visit(session, &visit);
	if (err)
		return err;
	if (ifname)
		err = session_prepare(session, ifname, opts) ?: inspection_show(session, &visitor);
	else
		err = inspection_of_all(session, &visitor);
	return session_return(session, &visit, err);
}

int xdpdrop_probe(struct xdpdrop *session, xdpdrop_feature_fn fn, void *data)
{
	LOG_SCOPE(&session->log);
	int err = privilege_check(false, false, &session->log) ?:
			  capture_maps_check_limits(&session->log);

	for (int number = 0; !err && number < FEATURE_COUNT; number++) {
		const struct xdpdrop_feature feature = {
			.name = probe_describe(number),
			.works = probe(number),
			.needed_by = probe_needed_by(number),
		};

		fn(data, &feature);
	}
	return err;
}

// SPDX-License-Identifier: LGPL-2.1-only
/*
 * The public functions that only inspect, in lines of text: list, explain, status, features, and
 * the program of a filter. What programs read is in inspection.c.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <xdp/libxdp.h>

#include "bpf/bpfinfo.h"
#include "tap/tap_select.h"
#include "base/cleanup.h"
#include "tap/hook.h"
#include "tap/hook_reasons.h"
#include "api/hook_captures.h"
#include "api/inspect.h"
#include "api/options.h"
#include "bpf/owner.h"
#include "process/privilege.h"
#include "bpf/probe.h"
#include "api/session.h"
#include "interface.h"
#include "xdp/pipeline_devices.h"
#include "xdp/wrapper.h"
#include "xdp/link_type.h"

/* Names of reasons in a line for people. */
#define MOST_NAMES 12

struct lines {
	xdpdrop_line_fn fn;
	void *data;
	int *lost; /* status: number of wrappers that have lost their targets */
};

__attribute__((format(printf, 2, 3))) static void inspect_line(const struct lines *lines,
							       const char *format, ...)
{
	char text[3400];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	lines->fn(lines->data, text);
}

/* Called with the pipeline of one interface in the session's context. */
typedef void (*interface_fn)(struct xdpdrop *session, const struct lines *lines);

static int inspect_each_interface(struct xdpdrop *session, const char *ifname, interface_fn fn,
				  const struct lines *lines)
{
	struct if_nameindex *all, *one;
	int err = 0, first = 0;

	if (ifname) {
		err = session_prepare(session, ifname, NULL);
		if (!err)
			fn(session, lines);
		return err;
	}
	all = if_nameindex();
	if (!all)
		return -errno;
	for (one = all; one->if_index; one++) {
		err = session_prepare(session, one->if_name, NULL);
		if (!err)
			fn(session, lines);
		/* the interface may have been deleted since */
		if (err != -ENODEV)
			first = first ?: err;
		if (err == -EPERM)
			break;
	}
	if_freenameindex(all);
	return first;
}

/* List programs that run after a redirect: "; after a redirect: second (id 5) in cpumap cpus". */
static void inspect_list_entries(const struct pipeline *pipeline, char *text, size_t size)
{
	size_t used = 0;

	text[0] = '\0';
	for (unsigned int i = 0; i < pipeline->program_count && used < size; i++)
		if (pipeline->programs[i].entry[0])
			used += snprintf(
				text + used, size - used, "%s %s (id %u) in %s",
				used ? "," : "; after a redirect:", pipeline->programs[i].name,
				pipeline->programs[i].id, pipeline->programs[i].entry);
}

void inspect_hook_holder(const struct pipeline_hook *hook, struct hook_holder *holder)
{
	*holder = (struct hook_holder){ 0 };
	for (__u32 slot = 0; slot < hook->slots; slot++) {
		__u32 id;

		if (bpf_map_lookup_elem(hook->fd, &slot, &id))
			continue;
		if (!owner_of(id, &holder->owner))
			return;
		holder->other_id = id;
	}
}

static void inspect_hook_state(const struct pipeline_hook *hook, char *text, size_t size)
{
	size_t used = 0;

	if (hook_captures_list(hook, text, size))
		return;
	snprintf(text, size, "not in use");
	for (__u32 slot = 0; slot < hook->slots && used + 1 < size; slot++) {
		char name[64];
		__u32 id;

		if (bpf_map_lookup_elem(hook->fd, &slot, &id))
			continue;
		bpfinfo_name_by_id(id, name, sizeof(name));
		used += snprintf(text + used, size - used, "%sslot %u: %s (id %u)",
				 used ? ", " : "", slot, name, id);
	}
}

/* "A, B, and 3 more" */
static void inspect_reasons_of(const struct pipeline_hook *hook, char *text, size_t size)
{
	struct reasons reasons = { 0 };
	size_t used = 0;

	text[0] = '\0';
	hook_reasons_of_map(&reasons, hook->fd);
	for (size_t i = 0; i < reasons.count && i < MOST_NAMES && used < size; i++)
		used += snprintf(text + used, size - used, "%s%s", used ? ", " : "",
				 reasons.reason[i].name);
	if (reasons.count > MOST_NAMES && used < size)
		snprintf(text + used, size - used, ", and %zu more", reasons.count - MOST_NAMES);
	reasons_free(&reasons);
}

static void inspect_hook(const struct pipeline_hook *hook, const struct lines *lines)
{
	char state[3200], reasons[400]; /* HOOK_CAPTURES dead ones in each slot */

	inspect_hook_state(hook, state, sizeof(state));
	inspect_reasons_of(hook, reasons, sizeof(reasons));
	inspect_line(lines, "    hook %s (map id %u): %s", hook->name, hook->map_id, state);
	if (reasons[0])
		inspect_line(lines, "        reasons: %s", reasons);
}

static void inspect_hooks(const struct pipeline *pipeline, const struct lines *lines)
{
	for (unsigned int i = 0; i < pipeline->hook_count; i++)
		inspect_hook(&pipeline->hooks[i], lines);
}

static void inspect_status_hooks(const struct pipeline *pipeline, __u32 program_id,
				 const struct lines *lines)
{
	for (unsigned int i = 0; i < pipeline->hook_count; i++)
		if (pipeline->hooks[i].program_id == program_id)
			inspect_hook(&pipeline->hooks[i], lines);
}

static void inspect_list_one(struct xdpdrop *session, const struct lines *lines)
{
	const struct pipeline *pipeline = &session->ifaces->context.pipeline;
	const struct pipeline_program *root = pipeline_root(pipeline);
	char taps[64], entries[256];

	if (!root) {
		inspect_line(lines, "%-16s no XDP program", pipeline->ifname);
		return;
	}
	tap_select_list(&session->ifaces->context, taps, sizeof(taps));
	inspect_list_entries(pipeline, entries, sizeof(entries));
	inspect_line(lines, "%-16s %s (id %u, %s%s%s), %u program%s, %u hook%s; taps: %s%s",
		     pipeline->ifname, root->name, root->id, pipeline_mode_name(pipeline->mode),
		     pipeline_is_lower(pipeline) ? " of " : "",
		     pipeline_is_lower(pipeline) ? pipeline->root_ifname : "",
		     pipeline->program_count, pipeline->program_count == 1 ? "" : "s",
		     pipeline->hook_count, pipeline->hook_count == 1 ? "" : "s", taps, entries);
	inspect_hooks(pipeline, lines);
}

struct listing {
	struct xdpdrop *session;
	struct lines lines;
	int err;
};

static void inspect_list_netns(void *data, const char *netns)
{
	struct listing *listing = data;
	int err;

	inspect_line(&listing->lines, "network namespace %s:", *netns ? netns : "of this process");
	err = inspect_each_interface(listing->session, NULL, inspect_list_one, &listing->lines);
	listing->err = listing->err ? listing->err : err;
}

int xdpdrop_list(struct xdpdrop *session, xdpdrop_line_fn fn, void *data)
{
	LOG_SCOPE(&session->log);
	struct listing listing = { .session = session, .lines = { fn, data, NULL } };
	struct netns_visit visit;
	int err;

	if (session->all_netns) {
		err = netns_each(inspect_list_netns, &listing);
		return err ? err : listing.err;
	}
	err = session_visit(session, &visit);
	if (!err)
		err = inspect_each_interface(session, NULL, inspect_list_one, &listing.lines);
	return session_return(session, &visit, err);
}

static int inspect_explain(struct xdpdrop *session, const char *ifname,
			   const struct xdpdrop_opts *opts, xdpdrop_line_fn fn, void *data)
{
	const struct lines lines = { fn, data, NULL };
	int err = session_prepare(session, ifname, opts);

	for (unsigned int i = 0; !err && i < session->iface_count; i++) {
		err = tap_select_explain(&session->ifaces[i].context, session->tap, fn, data);
		inspect_hooks(&session->ifaces[i].context.pipeline, &lines);
	}
	return err;
}

int xdpdrop_explain(struct xdpdrop *session, const char *ifname, const struct xdpdrop_opts *opts,
		    xdpdrop_line_fn fn, void *data)
{
	LOG_SCOPE(&session->log);
	struct netns_visit visit;
	int err =
		session_visit(session, &visit) ?: inspect_explain(session, ifname, opts, fn, data);

	return session_return(session, &visit, err);
}

static void inspect_tag_of(__u32 id, char *text, size_t size)
{
	CLEANUP_FD int fd = bpf_prog_get_fd_by_id(id);
	struct bpf_prog_info info;
	size_t used = 0;

	text[0] = '\0';
	if (fd < 0 || bpfinfo_program(fd, &info, NULL))
		return;
	for (size_t i = 0; i < sizeof(info.tag); i++)
		used += snprintf(text + used, size - used, "%02x", info.tag[i]);
}

/* Run priority and chain-call actions, which libxdp reads; empty for other programs. */
static void inspect_chain_of(__u32 id, char *prio, size_t prio_size, char *actions,
			     size_t actions_size)
{
	struct xdp_program *program = xdp_program__from_id(id);

	prio[0] = actions[0] = '\0';
	if (libxdp_get_error(program))
		return;
	snprintf(prio, prio_size, "%u", xdp_program__run_prio(program));
	xdp_program__print_chain_call_actions(program, actions, actions_size);
	xdp_program__close(program);
}

static void inspect_status_owner(const struct pipeline_program *program, const struct lines *lines)
{
	struct owner owner;

	if (!(program->root || program->member) || owner_of(program->id, &owner))
		return;
	if (!program->root) {
		inspect_line(lines, "    placed by the session with pid %u%s", owner.pid,
			     owner.alive ? "" : " (dead, to be cleaned up)");
	} else if (wrapper_is_empty(program->id)) {
		inspect_line(
			lines,
			"    wrapper of the session with pid %u%s; the program that it wrapped "
			"is lost, and every frame passes",
			owner.pid, owner.alive ? "" : " (dead)");
		++*lines->lost;
	} else {
		inspect_line(lines, "    wrapper of the session with pid %u%s", owner.pid,
			     owner.alive ? "" : " (dead, to be cleaned up)");
	}
}

static void inspect_status_program(const struct pipeline *pipeline,
				   const struct pipeline_program *program,
				   const struct lines *lines)
{
	char tag[32], prio[16] = "", actions[128] = "";

	inspect_tag_of(program->id, tag, sizeof(tag));
	if (program->member)
		inspect_chain_of(program->id, prio, sizeof(prio), actions, sizeof(actions));
	inspect_line(lines, "%-16s %-5s %-17s %-8s %-4u %-17s %s",
		     program->root ? pipeline->ifname : " =>", prio, program->name,
		     program->root ? pipeline_mode_name(pipeline->mode) : "", program->id, tag,
		     actions);
	inspect_status_owner(program, lines);
	inspect_status_hooks(pipeline, program->id, lines);
}

static void inspect_status_one(struct xdpdrop *session, const struct lines *lines)
{
	const struct pipeline *pipeline = &session->ifaces->context.pipeline;

	if (pipeline_is_lower(pipeline)) {
		inspect_line(lines, "%-16s %-5s <runs the program of %s>", pipeline->ifname, "",
			     pipeline->root_ifname);
		return;
	}
	if (!pipeline->program_count)
		inspect_line(lines, "%-16s %-5s <No XDP program loaded!>", pipeline->ifname, "");
	for (unsigned int i = 0; i < pipeline->program_count; i++)
		inspect_status_program(pipeline, &pipeline->programs[i], lines);
}

static int inspect_status(struct xdpdrop *session, const char *ifname, xdpdrop_line_fn fn,
			  void *data)
{
	int err, lost = 0;
	const struct lines lines = { fn, data, &lost };

	if (ifname && !if_nametoindex(ifname))
		return log_error(&session->log, -ENODEV, "there is no interface %s", ifname);
	err = privilege_check(false, false, &session->log);
	if (err)
		return err;
	inspect_line(&lines, "CURRENT XDP PROGRAM STATUS:");
	inspect_line(&lines, "%s", "");
	inspect_line(&lines, "%-16s %-5s %-17s %-8s %-4s %-17s %s", "Interface", "Prio",
		     "Program name", "Mode", "ID", "Tag", "Chain actions");
	inspect_line(&lines, "%.86s",
		     "------------------------------------------------------------"
		     "------------------------------------------------------------");
	err = inspect_each_interface(session, ifname, inspect_status_one, &lines);
	if (err || !lost)
		return err;
	return log_error(&session->log, -ESTALE,
			 "%d wrapper%s lost the program behind; remove the wrapper, "
			 "then load the program again",
			 lost, lost == 1 ? " has" : "s have");
}

int xdpdrop_status(struct xdpdrop *session, const char *ifname, xdpdrop_line_fn fn, void *data)
{
	LOG_SCOPE(&session->log);
	struct netns_visit visit;
	int err = session_visit(session, &visit) ?: inspect_status(session, ifname, fn, data);

	return session_return(session, &visit, err);
}

static void inspect_features_one(struct xdpdrop *session, const struct lines *lines)
{
	tap_select_describe(&session->ifaces->context, session->tap, lines->fn, lines->data);
}

static int inspect_features(struct xdpdrop *session, const char *ifname, xdpdrop_line_fn fn,
			    void *data)
{
	const struct lines lines = { fn, data, NULL };
	int err = privilege_check(false, false, &session->log) ?:
			  capture_maps_check_limits(&session->log);

	if (err)
		return err;
	for (int feature = 0; feature < FEATURE_COUNT; feature++)
		inspect_line(&lines, "%-44s %-3s  needed by %s", probe_describe(feature),
			     probe(feature) ? "yes" : "no", probe_needed_by(feature));
	return ifname ? inspect_each_interface(session, ifname, inspect_features_one, &lines) : 0;
}

int xdpdrop_features(struct xdpdrop *session, const char *ifname, xdpdrop_line_fn fn, void *data)
{
	LOG_SCOPE(&session->log);
	struct netns_visit visit;
	int err = session_visit(session, &visit) ?: inspect_features(session, ifname, fn, data);

	return session_return(session, &visit, err);
}

int xdpdrop_dump_filter(struct xdpdrop *session, const struct xdpdrop_opts *opts,
			xdpdrop_line_fn fn, void *data)
{
	struct xdpdrop_opts known;
	const struct tap *tap;
	struct filter filter;
	LOG_SCOPE(&session->log);
	int err = options_complete(&known, &tap, opts, NULL, &session->log);

	if (err)
		return err;
	err = filter_compile(&filter, known.filter ?: "", !known.no_optimize, LINK_TYPE_ETHERNET,
			     CBPF_LOADS_FRAGS, &session->log);
	options_free(&known);
	if (err)
		return err;
	filter_dump(&filter, fn, data);
	filter_free(&filter);
	return 0;
}

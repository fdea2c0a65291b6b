// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Reads the inputs of a session before anything is created: options, filter, reasons, interfaces.
 */
#include <errno.h>
#include <net/if.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "api/options.h"
#include "process/privilege.h"
#include "api/session.h"
#include "xdp/bpffs.h"

#define PREPARE_NO_REASON "reason '%s' is neither a number up to 4294967295 nor a name of a reason"

/* A frame is recorded once: for the bond or for its slave, not for both. */
static int prepare_check_lower(const struct xdpdrop *session, const struct pipeline *pipeline)
{
	for (unsigned int i = 0; i < session->iface_count; i++) {
		const struct pipeline *other = &session->ifaces[i].context.pipeline;

		if (lower_find(&other->lower, pipeline->ifindex) ||
		    lower_find(&pipeline->lower, other->ifindex))
			return log_error(&session->log, -EINVAL,
					 "%s and %s run the same program, and the upper interface "
					 "has the frames of both; name one of the two",
					 other->ifname, pipeline->ifname);
	}
	return 0;
}

static int prepare_add_iface(struct xdpdrop *session, const char *ifname)
{
	struct iface *grown, *iface;
	int err;

	if (session->iface_count == XDPDROP_MAX_IFACES)
		return log_error(&session->log, -EINVAL, "more than %d interfaces",
				 XDPDROP_MAX_IFACES);
	grown = realloc(session->ifaces, (session->iface_count + 1) * sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	session->ifaces = grown;
	iface = &grown[session->iface_count];
	*iface = (struct iface){ .context = { .log = &session->log,
					      .opts = &session->opts,
					      .maps = &session->maps,
					      .points = &session->points,
					      .tag_hooks = !session->tap,
					      .may_place = session->tap == &tap_tag,
					      .watchdog = &session->watchdog },
				 .automatic = !session->tap };
	err = iface_read(iface, ifname);
	if (err) {
		iface_forget(iface);
		return err;
	}
	session->iface_count++;
	for (struct iface *other = grown; other < iface; other++)
		if (other->context.pipeline.ifindex == iface->context.pipeline.ifindex)
			return log_error(&session->log, -EINVAL, "interface %s is named twice",
					 ifname);
	return prepare_check_lower(session, &iface->context.pipeline);
}

void session_forget_ifaces(struct xdpdrop *session)
{
	for (unsigned int i = 0; i < session->iface_count; i++)
		iface_forget(&session->ifaces[i]);
	session->iface_count = 0;
}

/* The name of an interface may itself have a comma. */
static int prepare_add_ifaces(struct xdpdrop *session, const char *ifnames)
{
	CLEANUP_FREE char *copy = strdup(ifnames);
	char *rest = copy, *name;
	int err = copy ? 0 : -ENOMEM;

	if (copy && if_nametoindex(ifnames))
		return prepare_add_iface(session, ifnames);
	while (!err && (name = strsep(&rest, ",")))
		err = prepare_add_iface(session, name);
	return err;
}

/*
 * The file is read now, because the process that arms later hooks may have no permission to open
 * it.
 */
static int prepare_read_reasons(struct xdpdrop *session)
{
	reasons_free(&session->points.named);
	reasons_free(&session->points.rules);
	if (!session->opts.reasons)
		return 0;
	return reasons_read_file(&session->points.named, &session->points.rules,
				 session->opts.reasons, &session->log);
}

/* @list: of names or numbers, or NULL. */
static int prepare_check_reason_list(const struct xdpdrop *session, const char *list)
{
	CLEANUP_FREE char *copy = list ? strdup(list) : NULL;
	char *rest = copy, *name;

	while (copy && (name = strsep(&rest, ","))) {
		name += strspn(name, " \t");
		if (!reasons_may_be(&session->points.named, name))
			return log_error(&session->log, -EINVAL, PREPARE_NO_REASON, name);
	}
	return 0;
}

/* A name that is unknown now may be that of a program that comes later. */
static int prepare_check_reasons(const struct xdpdrop *session)
{
	int err = prepare_check_reason_list(session, session->opts.only_reasons);

	err = err ?: prepare_check_reason_list(session, session->opts.not_reasons);
	for (unsigned int i = 0; !err && i < session->recording.triggers; i++) {
		const char *name = session->recording.trigger[i].reason;

		if (*name && !reasons_may_be(&session->points.named, name))
			err = log_error(&session->log, -EINVAL, PREPARE_NO_REASON, name);
	}
	return err;
}

/* Rules get names only from that file, so an unknown name can be refused now. */
static int prepare_check_rules(struct xdpdrop *session)
{
	CLEANUP_FREE char *copy =
		session->opts.only_rules ? strdup(session->opts.only_rules) : NULL;
	char *rest = copy, *name;
	__u64 number;

	while (copy && (name = strsep(&rest, ",")))
		if (!reasons_number(&session->points.rules, name, UINT64_MAX, &number))
			return log_error(&session->log, -EINVAL,
					 "rule '%s' is neither a number nor a name of a rule",
					 name);
	return 0;
}

/* The filter of another interface with the same link type, or NULL. */
static const struct filter_set *prepare_find_filter(const struct xdpdrop *session, __u16 link_type)
{
	for (unsigned int i = 0; i < session->iface_count; i++)
		if (session->ifaces[i].filters.used &&
		    session->ifaces[i].filters.link_type == link_type)
			return &session->ifaces[i].filters;
	return NULL;
}

/* Compile the filter once for each link type: libpcap takes seconds for a large one. */
int session_prepare_filters(struct xdpdrop *session)
{
	const struct xdpdrop_opts *opts = &session->opts;

	for (unsigned int i = 0; i < session->iface_count; i++) {
		struct iface *iface = &session->ifaces[i];
		__u16 link_type = iface->context.pipeline.device.link_type;
		int err;

		iface->context.filters = prepare_find_filter(session, link_type);
		if (iface->context.filters)
			continue;
		err = filter_set_compile(&iface->filters, opts->filter, !opts->no_optimize,
					 link_type, &session->log);
		if (err)
			return err;
		iface->context.filters = &iface->filters;
	}
	return 0;
}

/* @captures: more than looking is planned. */
static int prepare_check_system(struct xdpdrop *session, bool captures)
{
	int err = privilege_check(session->opts.hook_pin != NULL, captures, &session->log);

	err = err ?: capture_maps_check_limits(&session->log);
	err = err ?: bpffs_check_path(&session->log);
	return iface_kernel_error(err);
}

static int prepare_check_limit(const struct xdpdrop *session)
{
	if (session->reader_count && (session->sink.limit || session->sink.handler))
		return log_error(&session->log, -EINVAL,
				 "several threads have no common limit of records, and call no "
				 "handler");
	if (!session->opts.count_only || !session->sink.limit)
		return 0;
	return log_error(&session->log, -EINVAL,
			 "field count_only: there are no records, which could be limited to %llu",
			 session->sink.limit);
}

int session_prepare_inputs(struct xdpdrop *session, const char *ifnames,
			   const struct xdpdrop_opts *opts)
{
	int err;

	if (session->state != SESSION_NEW)
		return log_error(&session->log, -EINVAL, "this session has been used already");
	session_forget_ifaces(session); /* of an attempt before this one */
	options_free(&session->opts);
	err = options_complete(&session->opts, &session->tap, opts,
			       session->output.size ? &session->output : NULL, &session->log);
	err = err ?: prepare_check_limit(session);
	err = err ?: prepare_check_system(session, opts != NULL);
	err = err ?: prepare_read_reasons(session);
	err = err ?: prepare_check_reasons(session);
	err = err ?: prepare_check_rules(session);
	return err ?: prepare_add_ifaces(session, ifnames);
}

int session_prepare(struct xdpdrop *session, const char *ifnames, const struct xdpdrop_opts *opts)
{
	return session_prepare_inputs(session, ifnames, opts) ?: session_prepare_filters(session);
}

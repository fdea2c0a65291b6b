// SPDX-License-Identifier: LGPL-2.1-only
/*
 * The public functions that attach and detach programs. They use libxdp, so that xdp-loader and the
 * dispatcher treat the programs as their own.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bpf/bpfinfo.h"
#include "base/cleanup.h"
#include "xdp/dispatcher.h"
#include "process/lock.h"
#include "bpf/probe.h"
#include "api/session.h"
#include "api/sized.h"
#include "interface.h"
#include "xdp/wrapper.h"

static const struct {
	const char *name;
	enum xdp_attach_mode mode;
} modes[] = {
	{ "native", XDP_MODE_NATIVE },
	{ "skb", XDP_MODE_SKB },
	{ "unspecified", XDP_MODE_UNSPEC },
};

static int deploy_parse_mode(const char *name, enum xdp_attach_mode *mode)
{
	*mode = XDP_MODE_NATIVE;
	if (!name)
		return 0;
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		if (strcmp(modes[i].name, name))
			continue;
		*mode = modes[i].mode;
		return 0;
	}
	return -EINVAL;
}

static void deploy_object_path(const char *object, char *path, size_t size)
{
	if (strchr(object, '/') || !access(object, F_OK))
		snprintf(path, size, "%s", object);
	else
		snprintf(path, size, "%s/%s", XDPDROP_BPF_OBJECT_DIR, object);
}

static int deploy_find_interface(struct xdpdrop *session, const char *ifname, int *ifindex)
{
	*ifindex = if_nametoindex(ifname);
	if (*ifindex)
		return 0;
	return log_error(&session->log, -ENODEV, "there is no interface %s", ifname);
}

static struct xdp_program *deploy_open_program(const char *path,
					       const struct xdpdrop_load_opts *opts)
{
	DECLARE_LIBBPF_OPTS(bpf_object_open_opts, object, .pin_root_path = opts->pin_dir);
	struct xdp_program_opts source = {
		.sz = sizeof(source),
		.open_filename = path,
		.prog_name = opts->program,
		.opts = &object,
	};

	return xdp_program__create(&source);
}

/* Text of an error number, including those of libbpf and libxdp. */
struct words {
	char text[128];
};

static struct words deploy_words_for(int err)
{
	struct words words;

	libxdp_strerror(err, words.text, sizeof(words.text));
	return words;
}

static bool deploy_has_btf(const char *path)
{
	struct bpf_object *object = bpf_object__open_file(path, NULL);
	bool btf = !libbpf_get_error(object) && bpf_object__btf(object);

	bpf_object__close(object);
	return btf;
}

/* The names of @path's programs, with commas. False: @program is one of them, or there are none. */
static bool deploy_lacks_program(const char *path, const char *program, char *names, size_t size)
{
	struct bpf_object *object = bpf_object__open_file(path, NULL);
	struct bpf_program *each = NULL;
	size_t used = 0;
	bool found = false;

	names[0] = '\0';
	while (!libbpf_get_error(object) && (each = bpf_object__next_program(object, each))) {
		found |= !strcmp(bpf_program__name(each), program);
		if (used < size)
			used += snprintf(names + used, size - used, "%s%s", used ? ", " : "",
					 bpf_program__name(each));
	}
	bpf_object__close(object);
	return names[0] && !found;
}

/* libxdp returns one error for a missing file, for a missing program and for no types. */
static int deploy_explain_open(const struct log *log, const char *path, const char *program,
			       int err)
{
	char names[1024];

	if (err == -ENOENT && !access(path, R_OK) && !deploy_has_btf(path))
		return log_error(log, err,
				 "cannot load %s: it has no BTF, the types that its maps need; "
				 "compile it with option -g",
				 path);
	if (program && deploy_lacks_program(path, program, names, sizeof(names)))
		return log_error(log, err, "%s has no program %s, only %s", path, program, names);
	return log_error(log, err, "cannot open %s: %s", path, deploy_words_for(err).text);
}

/* libxdp returns the kernel's EINVAL without the reason. */
static const char *deploy_hint(int err)
{
	if (err != -EINVAL || !probe(FEATURE_TRAMPOLINE) || probe(FEATURE_MEMBER_TAIL_CALL))
		return "";
	return " (with this kernel and this libxdp, programs that tail-call or adjust the frame "
	       "cannot be members of the dispatcher; libxdp 1.5.5 or later can)";
}

static __u32 deploy_find_root(int ifindex)
{
	__u32 id;

	return bpf_xdp_query_id(ifindex, 0, &id) ? 0 : id;
}

/*
 * Detaching a wrapper would also detach the user's program, and no program can be attached beside a
 * wrapper.
 */
static int deploy_check_wrapped(const struct log *log, const char *ifname, int ifindex)
{
	struct owner owner;
	int wrapped = wrapper_owner(deploy_find_root(ifindex), &owner);

	if (!wrapped)
		return 0;
	if (wrapped < 0)
		return log_error(log, wrapped,
				 "the program of %s is wrapped by a session that cannot be looked "
				 "up: %s",
				 ifname, strerror(-wrapped));
	if (owner.alive)
		return log_error(log, -EBUSY,
				 "the program of %s is wrapped by the xdpdrop session with pid %u; "
				 "end that first",
				 ifname, owner.pid);
	return log_error(log, -EOWNERDEAD,
			 "the program of %s is wrapped by a dead session (pid %u); clean that up "
			 "first",
			 ifname, owner.pid);
}

/* libxdp attaches no program beside one that was attached without its dispatcher. */
static int deploy_check_direct(const struct log *log, const char *ifname, int ifindex)
{
	__u32 id = deploy_find_root(ifindex);
	char name[64];

	if (!id || dispatcher_members_is_dispatcher(id))
		return 0;
	bpfinfo_name_by_id(id, name, sizeof(name));
	return log_error(log, -EBUSY,
			 "program %s (id %u) is attached to %s directly, without libxdp's "
			 "dispatcher, so that no other fits beside it; detach it first",
			 name, id, ifname);
}

/* Explain an attempt that failed with @err. */
static int deploy_explain_attach(const struct log *log, const char *path, const char *ifname,
				 int ifindex, int err)
{
	int known = err == -EBUSY ? deploy_check_wrapped(log, ifname, ifindex) : 0;

	if (err == -EBUSY && !known)
		known = deploy_check_direct(log, ifname, ifindex);
	if (known)
		return known;
	return log_error(log, err, "cannot attach %s to %s: %s%s", path, ifname,
			 deploy_words_for(err).text, deploy_hint(err));
}

static int deploy_load(struct xdpdrop *session, const char *ifname,
		       const struct xdpdrop_load_opts *given)
{
	const struct log *log = &session->log;
	struct xdpdrop_load_opts known;
	struct xdp_program *program;
	enum xdp_attach_mode mode;
	char path[4096];
	int ifindex, err;

	if (!given || sized_read(&known, sizeof(known), given) || !known.object || known.reserved ||
	    deploy_parse_mode(known.mode, &mode))
		return -EINVAL;
	err = deploy_find_interface(session, ifname, &ifindex);
	if (err)
		return err;
	deploy_object_path(known.object, path, sizeof(path));
	program = deploy_open_program(path, &known);
	err = libxdp_get_error(program);
	if (err)
		return deploy_explain_open(log, path, known.program, err);
	dispatcher_set_frags(program);
	if (known.prio)
		xdp_program__set_run_prio(program, known.prio);
	err = dispatcher_attach(program, ifindex, mode);
	if (err)
		err = deploy_explain_attach(log, path, ifname, ifindex, err);
	else
		err = xdp_program__id(program);
	xdp_program__close(program);
	return err;
}

int xdpdrop_load(struct xdpdrop *session, const char *ifname, const struct xdpdrop_load_opts *opts)
{
	LOG_SCOPE(&session->log);
	struct netns_visit visit;
	int err = session_visit(session, &visit) ?: deploy_load(session, ifname, opts);

	return session_return(session, &visit, err);
}

static int deploy_unload(struct xdpdrop *session, const char *ifname, __u32 id)
{
	const struct log *log = &session->log;
	int ifindex, count = 0;
	CLEANUP_FD int lock = lock_take(log);
	int err = deploy_find_interface(session, ifname, &ifindex) ?:
			  deploy_check_wrapped(log, ifname, ifindex);

	if (err)
		return err;
	while (!err) {
		err = dispatcher_detach(ifindex, id);
		count += !err;
	}
	if (err == -ENOENT && count)
		return count;
	if (err == -ENOENT && id)
		return log_error(log, err, "program id %u is not attached to %s", id, ifname);
	if (err == -ENOENT)
		return log_error(log, err, "no program of xdpdrop's is attached to %s", ifname);
	return log_error(log, err, "cannot detach from %s: %s", ifname, deploy_words_for(err).text);
}

int xdpdrop_unload(struct xdpdrop *session, const char *ifname, __u32 id)
{
	LOG_SCOPE(&session->log);
	struct netns_visit visit;
	int err = session_visit(session, &visit) ?: deploy_unload(session, ifname, id);

	return session_return(session, &visit, err);
}

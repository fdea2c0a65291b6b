// SPDX-License-Identifier: LGPL-2.1-only
/*
 * The part of the public API that attaches and detaches programs, through libxdp, so that
 * xdp-loader and its dispatcher see them as their own.
 */
#include <bpf/libbpf.h>
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <xdp/libxdp.h>

#include "session.h"

#define OURS "xdpdrop_"
/* Two first attaches at once: libxdp gives the loser EBUSY or EAGAIN and leaves it at that. */
#define ATTEMPTS 20
#define RETRY_US 50000

static const struct {
	const char *name;
	enum xdp_attach_mode mode;
} modes[] = {
	{ "native", XDP_MODE_NATIVE },
	{ "skb", XDP_MODE_SKB },
	{ "unspecified", XDP_MODE_UNSPEC },
};

static int parse_mode(const char *name, enum xdp_attach_mode *mode)
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

static void object_path(const char *object, char *path, size_t size)
{
	if (strchr(object, '/') || !access(object, F_OK))
		snprintf(path, size, "%s", object);
	else
		snprintf(path, size, "%s/%s", XDPDROP_BPF_OBJECT_DIR, object);
}

static int find_interface(struct xdpdrop *session, const char *ifname, int *ifindex)
{
	*ifindex = if_nametoindex(ifname);
	if (*ifindex)
		return 0;
	return log_error(&session->log, -ENODEV, "there is no interface %s", ifname);
}

static int attach(struct xdp_program *program, int ifindex, enum xdp_attach_mode mode)
{
	int err = 0;

	for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
		err = xdp_program__attach(program, ifindex, mode, 0);
		if (err != -EBUSY && err != -EAGAIN)
			break;
		usleep(RETRY_US);
	}
	return err;
}

static struct xdp_program *open_program(const char *path, const struct xdpdrop_load_opts *opts)
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

int xdpdrop_load(struct xdpdrop *session, const char *ifname, const struct xdpdrop_load_opts *opts)
{
	const struct log *log = &session->log;
	struct xdp_program *program;
	enum xdp_attach_mode mode;
	char path[4096];
	int ifindex, err;
	LOG_SCOPE(log);

	if (!opts || opts->size != sizeof(*opts) || !opts->object || parse_mode(opts->mode, &mode))
		return -EINVAL;
	err = find_interface(session, ifname, &ifindex);
	if (err)
		return err;
	object_path(opts->object, path, sizeof(path));
	program = open_program(path, opts);
	err = libxdp_get_error(program);
	if (err)
		return log_error(log, err, "cannot open %s%s%s: %s", path,
				 opts->program ? " program " : "", opts->program ?: "",
				 strerror(-err));
	if (opts->prio)
		xdp_program__set_run_prio(program, opts->prio);
	err = attach(program, ifindex, mode);
	if (err)
		log_error(log, err, "cannot attach %s to %s: %s; -vv shows what libxdp said", path,
			  ifname, strerror(-err));
	else
		err = xdp_program__id(program);
	xdp_program__close(program);
	return err;
}

static bool is_wanted(const struct xdp_program *program, __u32 id)
{
	if (id)
		return xdp_program__id(program) == id;
	return !strncmp(xdp_program__name(program), OURS, strlen(OURS));
}

/* A detach rebuilds the dispatcher, and so ends the walk over its members. */
static int detach_one(int ifindex, __u32 id)
{
	struct xdp_multiprog *multiprog = xdp_multiprog__get_from_ifindex(ifindex);
	int err = libxdp_get_error(multiprog);
	struct xdp_program *program = NULL;
	enum xdp_attach_mode mode;

	if (err)
		return err;
	mode = xdp_multiprog__attach_mode(multiprog);
	if (xdp_multiprog__is_legacy(multiprog))
		program = xdp_multiprog__main_prog(multiprog);
	else
		do
			program = xdp_multiprog__next_prog(program, multiprog);
		while (program && !is_wanted(program, id));
	err = -ENOENT;
	if (program && is_wanted(program, id)) {
		struct xdp_program *one = xdp_program__clone(program, 0);

		err = libxdp_get_error(one);
		err = err ?: xdp_program__detach(one, ifindex, mode, 0);
		xdp_program__close(one);
	}
	xdp_multiprog__close(multiprog);
	return err;
}

int xdpdrop_unload(struct xdpdrop *session, const char *ifname, __u32 id)
{
	const struct log *log = &session->log;
	int ifindex, count = 0;
	LOG_SCOPE(log);
	int err = find_interface(session, ifname, &ifindex);

	while (!err) {
		err = detach_one(ifindex, id);
		count += !err;
	}
	if (err == -ENOENT && count)
		return count;
	if (err == -ENOENT && id)
		return log_error(log, err, "program id %u is not attached to %s", id, ifname);
	if (err == -ENOENT)
		return log_error(log, err, "no program of xdpdrop's is attached to %s", ifname);
	if (err != -ENODEV)
		log_error(log, err, "cannot detach from %s: %s; -vv shows what libxdp said", ifname,
			  strerror(-err));
	return err;
}

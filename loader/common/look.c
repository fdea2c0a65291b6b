// SPDX-License-Identifier: GPL-2.0-only
/*
 * Formats what the library finds.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xdpdrop/interface.h>

#include "common/json.h"
#include "common/look.h"

/* The descriptor that @where names, or -1: it names a file. */
static int look_fd(const char *where)
{
	int number;
	char rest;

	if (!strcmp(where, "-"))
		return STDOUT_FILENO;
	return sscanf(where, "%d%c", &number, &rest) == 1 ? number : -1;
}

FILE *look_open(const char *where)
{
	int fd = look_fd(where);

	if (fd < 0)
		return fopen(where, "we");
	fd = dup(fd);
	return fd < 0 ? NULL : fdopen(fd, "w");
}

bool look_stat(const char *where, struct stat *file)
{
	int fd = look_fd(where);

	return !(fd < 0 ? stat(where, file) : fstat(fd, file));
}

int look_close(FILE *stream)
{
	int err = ferror(stream) ? -EIO : 0;

	return fclose(stream) ? -errno : err;
}

static void look_put_taps(struct json *json, const struct xdpdrop_tap_info *const *taps)
{
	json_open_list(json, "taps");
	for (; *taps; taps++) {
		json_open_object(json, NULL);
		json_string(json, "tap", (*taps)->name);
		json_bool(json, "works", (*taps)->works);
		json_bool(json, "chosen", (*taps)->chosen);
		json_string(json, "why", (*taps)->why);
		json_close_object(json);
	}
	json_close_list(json);
}

/* The capture that has a hook or a program, or null. */
static void look_put_owner(struct json *json, __u32 pid, bool alive)
{
	if (!pid) {
		json_string(json, "capture", NULL);
		return;
	}
	json_open_object(json, "capture");
	json_u64(json, "pid", pid);
	json_bool(json, "alive", alive);
	json_close_object(json);
}

static void look_put_programs(struct json *json, const struct xdpdrop_program_info *const *programs)
{
	json_open_list(json, "programs");
	for (; *programs; programs++) {
		json_open_object(json, NULL);
		json_string(json, "program", (*programs)->name);
		json_u64(json, "program_id", (*programs)->id);
		json_bool(json, "root", (*programs)->root);
		json_bool(json, "member", (*programs)->member);
		json_u64(json, "caller_id", (*programs)->caller_id);
		json_string(json, "entry", (*programs)->entry);
		look_put_owner(json, (*programs)->owner_pid, (*programs)->owner_alive);
		json_close_object(json);
	}
	json_close_list(json);
}

static void look_put_hooks(struct json *json, const struct xdpdrop_hook_info *const *hooks)
{
	json_open_list(json, "hooks");
	for (; *hooks; hooks++) {
		json_open_object(json, NULL);
		json_string(json, "hook", (*hooks)->name);
		json_u64(json, "hook_id", (*hooks)->id);
		json_u64(json, "program_id", (*hooks)->program_id);
		json_bool(json, "tags", (*hooks)->tags);
		look_put_owner(json, (*hooks)->owner_pid, (*hooks)->owner_alive);
		json_u64(json, "other_id", (*hooks)->other_id);
		json_open_list(json, "reasons");
		for (const char *const *name = (*hooks)->reasons; *name; name++)
			json_string(json, NULL, *name);
		json_close_list(json);
		json_close_object(json);
	}
	json_close_list(json);
}

static void look_put_interface(void *data, const struct xdpdrop_interface *interface)
{
	struct json *json = data;

	json_open_object(json, NULL);
	json_string(json, "interface", interface->name);
	json_u64(json, "ifindex", interface->ifindex);
	json_string(json, "netns", interface->netns);
	json_string(json, "mode", interface->mode);
	json_string(json, "upper", interface->upper);
	json_u64(json, "link_type", interface->link_type);
	look_put_taps(json, interface->taps);
	look_put_programs(json, interface->programs);
	look_put_hooks(json, interface->hooks);
	json_close_object(json);
}

static int look_put_interfaces(struct json *json, struct xdpdrop *session, const char *ifname,
			       const struct xdpdrop_opts *opts)
{
	int err;

	json_open_list(json, "interfaces");
	err = xdpdrop_inspect(session, ifname, opts, look_put_interface, json);
	json_close_list(json);
	return err;
}

static void look_put_feature(void *data, const struct xdpdrop_feature *feature)
{
	struct json *json = data;

	json_open_object(json, NULL);
	json_string(json, "feature", feature->name);
	json_bool(json, "works", feature->works);
	json_string(json, "needed_by", feature->needed_by);
	json_close_object(json);
}

int look_interfaces(FILE *stream, struct xdpdrop *session, const char *ifname,
		    const struct xdpdrop_opts *opts)
{
	struct json json = { .stream = stream };
	int err;

	json_open_object(&json, NULL);
	err = look_put_interfaces(&json, session, ifname, opts);
	json_close_object(&json);
	fputc('\n', stream);
	return err;
}

static int look_put_text(const char *where, const char *text, size_t size)
{
	FILE *stream = look_open(where);

	if (!stream)
		return -errno;
	fwrite(text, 1, size, stream);
	return look_close(stream);
}

int look_write(const char *where, struct xdpdrop *session, const char *ifname,
	       const struct xdpdrop_opts *opts)
{
	char *text = NULL;
	size_t size;
	FILE *memory = open_memstream(&text, &size);
	int err, failed;

	if (!memory)
		return -errno;
	err = look_interfaces(memory, session, ifname, opts);
	failed = fclose(memory) ? -errno : 0;
	/* a list of all is of use without one that could not be looked at */
	if (!failed && (!err || !ifname))
		failed = look_put_text(where, text, size);
	free(text);
	return err ?: failed;
}

int look_features(FILE *stream, struct xdpdrop *session, const char *ifname)
{
	struct json json = { .stream = stream };
	int err;

	json_open_object(&json, NULL);
	json_open_list(&json, "features");
	err = xdpdrop_probe(session, look_put_feature, &json);
	json_close_list(&json);
	if (!err && ifname)
		err = look_put_interfaces(&json, session, ifname, NULL);
	json_close_object(&json);
	fputc('\n', stream);
	return err;
}

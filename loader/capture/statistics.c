// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writes the objects described in xdpdrop-capture(8).
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "capture/statistics.h"
#include "common/json.h"

/* Time for a reader that does not read, at the end of the capture. */
#define PATIENCE_MS 5000
/* Maximum number of rules in an object. */
#define MOST_RULES 20

/* "-" and whole numbers are descriptors; "./1" is a file. */
static bool statistics_is_descriptor(const char *where)
{
	const char *digits = where + (*where == '-');

	return !digits[strspn(digits, "0123456789")];
}

/* -1: the number cannot be a descriptor. */
static int statistics_descriptor_of(const char *where)
{
	long number = strcmp(where, "-") ? strtol(where, NULL, 10) : STDOUT_FILENO;

	return number >= 0 && number <= INT_MAX ? number : -1;
}

static int statistics_check_descriptor(int fd, const char **why)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags >= 0 && (flags & O_ACCMODE) != O_RDONLY)
		return 0;
	*why = "it is not a descriptor open for writing";
	return -EINVAL;
}

int statistics_open(struct statistics *statistics, const char *where,
		    const struct output_wait *wait, const char **why)
{
	struct output_error error;
	int fd, err;

	*statistics = (struct statistics){ .fd = -1 };
	if (!where)
		return 0;
	if (statistics_is_descriptor(where)) {
		fd = statistics_descriptor_of(where);
		err = statistics_check_descriptor(fd, why);
		statistics->fd = err ? -1 : fd;
		return err;
	}
	err = output_open(&statistics->output, where, wait, &error);
	if (!err && output_lock(&statistics->output, &error)) {
		output_close(&statistics->output);
		err = -EBUSY;
	}
	if (err) {
		*why = error.why ? error.why : strerror(-err);
		return error.misuse ? -EINVAL : err;
	}
	statistics->named = true;
	statistics->fd = statistics->output.fd;
	return 0;
}

void statistics_begin(struct statistics *statistics, const char *ifname, const char *file,
		      __u64 now_ms)
{
	statistics->ifname = ifname;
	statistics->file = file;
	statistics->start_ms = now_ms;
	if (statistics->named)
		statistics->error = output_begin(&statistics->output);
}

static bool statistics_has_room(int fd, int timeout_ms)
{
	struct pollfd pollfd = { .fd = fd, .events = POLLOUT };
	int ready;

	do
		ready = poll(&pollfd, 1, timeout_ms);
	while (ready < 0 && errno == EINTR);
	return ready > 0;
}

/*
 * Does not wait: a writable pipe accepts PIPE_BUF bytes, and a socket gets MSG_DONTWAIT. The
 * descriptor's flags are not changed, because another process may share them. Returns the number of
 * bytes, or -errno.
 */
static ssize_t statistics_write_some(int fd, const char *text, size_t length)
{
	ssize_t written;

	if (!statistics_has_room(fd, 0))
		return -EAGAIN;
	length = length < PIPE_BUF ? length : PIPE_BUF;
	written = send(fd, text, length, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (written < 0 && errno == ENOTSOCK)
		written = write(fd, text, length);
	return written < 0 ? -errno : written;
}

void statistics_flush(struct statistics *statistics)
{
	while (statistics->object && !statistics->error) {
		ssize_t written = statistics_write_some(statistics->fd,
							statistics->object + statistics->written,
							statistics->length - statistics->written);

		if (written == -EAGAIN)
			return;
		if (written < 0 && written != -EINTR)
			statistics->error = written;
		statistics->written += written < 0 ? 0 : written;
		if (statistics->written < statistics->length)
			continue;
		free(statistics->object);
		statistics->object = NULL;
	}
}

/* Used at the end of the capture: write the object as long as its reader reads. */
static void statistics_finish_object(struct statistics *statistics)
{
	statistics_flush(statistics);
	while (statistics->object && !statistics->error) {
		if (!statistics_has_room(statistics->fd, PATIENCE_MS))
			statistics->error = -ETIMEDOUT;
		statistics_flush(statistics);
	}
}

/* The counters of a capture point and of the session are in different structures. */
#define PUT_COUNTERS(json, stats)                                                                  \
	do {                                                                                       \
		json_u64((json), "seen", (stats)->seen);                                           \
		json_u64((json), "bytes", (stats)->bytes);                                         \
		json_u64((json), "filtered", (stats)->filtered);                                   \
		json_u64((json), "sampled_out", (stats)->sampled_out);                             \
		json_u64((json), "limited", (stats)->limited);                                     \
		json_u64((json), "lost", (stats)->lost);                                           \
		json_u64((json), "captured", (stats)->captured);                                   \
		json_u64((json), "missed", (stats)->missed);                                       \
	} while (0)

static void statistics_put_point(struct json *json, const struct xdpdrop *session,
				 unsigned int index)
{
	const struct xdpdrop_point *point = xdpdrop_get_point(session, index);
	struct xdpdrop_point_stats stats = { .size = sizeof(stats) };

	xdpdrop_get_point_stats(session, index, &stats);
	json_open_object(json, NULL);
	json_u64(json, "point", index);
	json_string(json, "tap", point->tap);
	json_string(json, "interface", point->ifname);
	json_string(json, "program", point->program_id ? point->program : NULL);
	json_u64(json, "program_id", point->program_id);
	json_string(json, "hook", point->hook_id ? point->hook : NULL);
	json_u64(json, "hook_id", point->hook_id);
	json_bool(json, "gone", point->gone);
	json_string(json, "error", point->error ? strerror(-point->error) : NULL);
	PUT_COUNTERS(json, &stats);
	json_close_object(json);
}

static void statistics_put_reason(void *data, const struct xdpdrop_reason_stats *stats)
{
	struct json *json = data;

	json_open_object(json, NULL);
	json_u64(json, "point", stats->point);
	if (stats->others)
		json_bool(json, "others", true);
	else
		json_u64(json, "reason", stats->reason);
	json_string(json, "name", stats->name);
	json_u64(json, "frames", stats->frames);
	json_u64(json, "bytes", stats->bytes);
	json_u64(json, "captured", stats->captured);
	json_close_object(json);
}

static void statistics_put_rule(void *data, const struct xdpdrop_rule_stats *stats)
{
	struct json *json = data;

	json_open_object(json, NULL);
	if (stats->others) {
		json_bool(json, "others", true);
	} else {
		json_u64(json, "point", stats->point);
		json_u64(json, "reason", stats->reason);
		json_u64(json, "rule", stats->rule);
		json_string(json, "name", stats->name);
	}
	json_u64(json, "captured", stats->frames);
	json_u64(json, "bytes", stats->bytes);
	json_close_object(json);
}

static void statistics_put_head(struct json *json, const struct statistics *statistics,
				const char *type, __u64 now_ms)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	json_string(json, "type", type);
	json_thousandths(json, "time", now.tv_sec * 1000ULL + now.tv_nsec / 1000000);
	json_thousandths(json, "elapsed", now_ms - statistics->start_ms);
	json_string(json, "interfaces", statistics->ifname);
	json_string(json, "file", statistics->file);
	json_u64(json, "skipped", statistics->skipped);
}

static void statistics_put_lists(struct json *json, const struct xdpdrop *session)
{
	json_open_list(json, "points");
	for (unsigned int i = 0; i < xdpdrop_point_count(session); i++)
		statistics_put_point(json, session, i);
	json_close_list(json);
	json_open_list(json, "reasons");
	xdpdrop_get_reasons(session, statistics_put_reason, json);
	json_close_list(json);
	json_open_list(json, "rules");
	xdpdrop_get_rules(session, MOST_RULES, statistics_put_rule, json);
	json_close_list(json);
}

static char *statistics_compose(const struct statistics *statistics, const char *type,
				const struct xdpdrop *session, const struct xdpdrop_stats *stats,
				__u64 now_ms, size_t *length)
{
	char *text = NULL;
	struct json json = { .stream = open_memstream(&text, length) };

	if (!json.stream)
		return NULL;
	json_open_object(&json, NULL);
	statistics_put_head(&json, statistics, type, now_ms);
	PUT_COUNTERS(&json, stats);
	json_u64(&json, "written", stats->written);
	json_u64(&json, "write_failed", stats->write_failed);
	json_u64(&json, "over_limit", stats->over_limit);
	json_u64(&json, "unsent", stats->unsent);
	json_u64(&json, "forgotten", stats->forgotten);
	json_u64(&json, "kept", stats->kept);
	json_u64(&json, "clients", stats->clients);
	json_u64(&json, "client_lost", stats->client_lost);
	json_u64(&json, "files", stats->files);
	json_u64(&json, "files_deleted", stats->files_deleted);
	json_u64(&json, "sample", stats->sample);
	json_thousandths(&json, "overhead", stats->overhead);
	json_u64(&json, "refused", stats->refused);
	statistics_put_lists(&json, session);
	if (!strcmp(type, "final")) {
		json_bool(&json, "balanced", stats->balanced);
		json_u64(&json, "status", statistics->status);
	}
	json_close_object(&json);
	fputc('\n', json.stream);
	if (!fclose(json.stream))
		return text;
	free(text);
	return NULL;
}

void statistics_write(struct statistics *statistics, const char *type,
		      const struct xdpdrop *session, const struct xdpdrop_stats *stats,
		      __u64 now_ms)
{
	bool final = !strcmp(type, "final");

	if (statistics->fd < 0)
		return;
	if (final)
		statistics_finish_object(statistics);
	else
		statistics_flush(statistics);
	if (statistics->error)
		return;
	if (statistics->object) {
		statistics->skipped++;
		return;
	}
	statistics->object =
		statistics_compose(statistics, type, session, stats, now_ms, &statistics->length);
	statistics->written = 0;
	if (!statistics->object)
		statistics->error = -ENOMEM;
	if (final)
		statistics_finish_object(statistics);
	else
		statistics_flush(statistics);
}

int statistics_close(struct statistics *statistics, const char **why)
{
	int err = statistics->error;

	free(statistics->object);
	statistics->object = NULL;
	if (statistics->named) {
		int closed;

		output_discard(&statistics->output);
		closed = output_close(&statistics->output);
		err = err ? err : closed;
		statistics->named = false;
	}
	statistics->fd = -1;
	*why = err == -ETIMEDOUT ? "their reader has stopped reading" : strerror(-err);
	return err;
}

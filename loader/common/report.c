// SPDX-License-Identifier: GPL-2.0-only
/*
 * Formats messages and counters. Strings from other sources are made safe for a terminal.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/report.h"
#include "common/text.h"

#define LIVE_INTERVAL_MS 250
/* Maximum number of capture points in the "listening on" line. */
#define MOST_POINTS 16

struct report_bytes report_bytes(__u64 bytes)
{
	static const char *const units[] = { "kB", "MB", "GB", "TB", "PB", "EB" };
	struct report_bytes out;
	double value = bytes / 1000.0;
	size_t unit = 0;

	if (bytes < 1000) {
		snprintf(out.text, sizeof(out.text), "%" PRIu64 " byte%s", (uint64_t)bytes,
			 bytes == 1 ? "" : "s");
		return out;
	}
	/* 999.95 would be rounded to 1000.0 */
	for (; value >= 999.95; value /= 1000)
		unit++;
	snprintf(out.text, sizeof(out.text), "%.1f %s", value, units[unit]);
	return out;
}

void report_hide_live(struct report *report)
{
	if (report->shown)
		fprintf(report->stream, "\r%*s\r", report->shown, "");
	report->shown = 0;
}

enum xdpdrop_log_level report_level(unsigned int verbose)
{
	return verbose == 0 ? XDPDROP_LOG_WARN :
	       verbose == 1 ? XDPDROP_LOG_INFO :
			      XDPDROP_LOG_DEBUG;
}

static const char *report_level_prefix(enum xdpdrop_log_level level)
{
	return level == XDPDROP_LOG_WARN ? "warning: " : "";
}

void report_log(void *data, enum xdpdrop_log_level level, const char *message)
{
	struct report *report = data;
	char *lines = strdup(message), *rest = lines, *line;

	report_hide_live(report);
	report->errors += level == XDPDROP_LOG_ERROR;
	while ((line = strsep(&rest, "\n")))
		fprintf(report->stream, "%s: %s%s\n", report->program, report_level_prefix(level),
			text_clean(line));
	fflush(report->stream);
	free(lines);
}

void report_message(struct report *report, enum xdpdrop_log_level level, const char *format, ...)
{
	char text[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	report_log(report, level, text);
}

void report_waiting(void *report, const char *path)
{
	report_info((struct report *)report, "waiting for a reader of '%s'", path);
}

/* Print "hook on fw (id 114) at xdpdrop_hook (id 12)"; unknown parts are omitted. */
static void report_print_point(FILE *stream, const struct xdpdrop_point *point, bool several)
{
	bool named = several || (!point->program_id && !point->hook_id);

	fprintf(stream, ", tap %s on%s%s", point->tap, named ? " " : "",
		named ? point->ifname : "");
	if (point->program_id)
		fprintf(stream, " %s (id %u)", point->program, point->program_id);
	if (point->before[0])
		fprintf(stream, ", placed before %s,", point->before);
	if (point->hook_id)
		fprintf(stream, "%s %s (id %u)", point->program_id ? " at" : "", point->hook,
			point->hook_id);
}

/* Names as in tcpdump; other types are printed as numbers. */
static void report_print_link_type(FILE *stream, __u32 link_type)
{
	static const struct {
		__u32 link_type;
		const char *name;
	} names[] = { { 1, "EN10MB" },
		      { 101, "RAW" },
		      { 105, "IEEE802_11" },
		      { 119, "PRISM_HEADER" },
		      { 127, "IEEE802_11_RADIO" } };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (names[i].link_type == link_type) {
			fprintf(stream, ", link-type %s", names[i].name);
			return;
		}
	}
	fprintf(stream, ", link-type %u", link_type);
}

/* Print each type once. */
static void report_print_link_types(FILE *stream, const struct xdpdrop *session, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		__u32 link_type = xdpdrop_get_point(session, i)->link_type;
		unsigned int first = 0;

		while (xdpdrop_get_point(session, first)->link_type != link_type)
			first++;
		if (first == i)
			report_print_link_type(stream, link_type);
	}
}

/* Both lines in one write: a reader that finds the first finds the second, too. */
static void report_print_listening(FILE *to, char *line, const char *file, bool history)
{
	const char *does =
		history ? "no file yet; a trigger begins one, named after " : "writing to ";
	char *name = file ? strdup(file) : NULL;

	fprintf(to, "%s\n%s%s%s", text_clean(line), name ? does : "", name ? text_clean(name) : "",
		name ? "\n" : "");
	fflush(to);
	free(name);
}

/* "listening on eth0, tap hook on fw (id 3), link-type EN10MB" */
static void report_print_points(FILE *stream, const struct xdpdrop *session, const char *ifname)
{
	unsigned int i, count = xdpdrop_point_count(session);

	fprintf(stream, "listening on %s", ifname);
	for (i = 0; i < count && i < MOST_POINTS; i++)
		report_print_point(stream, xdpdrop_get_point(session, i),
				   strchr(ifname, ',') != NULL);
	if (i < count)
		fprintf(stream, ", and %u more", count - i);
	report_print_link_types(stream, session, count);
}

void report_counting(struct report *report, const struct xdpdrop *session, const char *ifname,
		     __u32 sample)
{
	char *line = NULL;
	size_t size;
	FILE *stream = open_memstream(&line, &size);

	if (!stream)
		return;
	report_print_points(stream, session, ifname);
	if (sample > 1)
		fprintf(stream, ", counting, and sampling 1 in %u", sample);
	else if (sample)
		fprintf(stream, ", counting, and sampling");
	else
		fprintf(stream, ", counting only");
	if (!fclose(stream))
		report_print_listening(report->stream, line, NULL, false);
	free(line);
}

void report_listening(struct report *report, const struct xdpdrop *session, const char *ifname,
		      __u32 snaplen, const char *file, bool history)
{
	char *line = NULL;
	size_t size;
	FILE *stream = open_memstream(&line, &size);

	if (!stream)
		return;
	report_print_points(stream, session, ifname);
	fprintf(stream, ", snapshot length %u bytes", snaplen ? snaplen : XDPDROP_MAX_CAPLEN);
	if (!fclose(stream))
		report_print_listening(report->stream, line, file, history);
	free(line);
}

void report_clients(struct report *report, const struct tcp_listen *listen, bool quiet)
{
	bool two = listen->count > 1;

	if (listen->count && !quiet)
		report_info(report,
			    "clients can connect to %s%s%s; for example: "
			    "tshark -i TCP@%s",
			    listen->name[0], two ? " and " : "", two ? listen->name[1] : "",
			    listen->name[0]);
	if (listen->reachable)
		report_message(report, XDPDROP_LOG_WARN,
			       "any machine that can reach %s can read the frames",
			       listen->name[0]);
}

static int report_format_counters(char *text, size_t size, const struct xdpdrop_stats *stats)
{
	return snprintf(text, size,
			"%" PRIu64 " frame%s seen (%s), %" PRIu64 " captured, %" PRIu64 " lost",
			(uint64_t)stats->seen, stats->seen == 1 ? "" : "s",
			report_bytes(stats->bytes).text, (uint64_t)stats->captured,
			(uint64_t)stats->lost);
}

void report_live(struct report *report, const struct xdpdrop_stats *stats, __u64 now_ms)
{
	char text[160];
	int width;

	if (!report->live || now_ms < report->due_ms)
		return;
	width = report_format_counters(text, sizeof(text), stats);
	fprintf(report->stream, "\r%-*s", report->shown, text);
	fflush(report->stream);
	report->shown = width;
	report->due_ms = now_ms + LIVE_INTERVAL_MS;
}

void report_counters(struct report *report, const struct xdpdrop_stats *stats)
{
	char text[160];

	report_format_counters(text, sizeof(text), stats);
	report_info(report, "%s, %" PRIu64 " written", text, (uint64_t)stats->written);
}

static __u64 report_left_out(const struct xdpdrop_stats *stats)
{
	return stats->filtered + stats->sampled_out + stats->limited;
}

static __u64 report_per_second(__u64 count, __u64 span_ms)
{
	return span_ms ? count * 1000 / span_ms : 0;
}

void report_interval(struct report *report, const struct xdpdrop_stats *stats,
		     const struct xdpdrop_stats *before, __u64 elapsed_ms, __u64 span_ms)
{
	char text[160], out[48] = "";

	report_format_counters(text, sizeof(text), stats);
	if (report_left_out(stats))
		snprintf(out, sizeof(out), ", %" PRIu64 " left out",
			 (uint64_t)report_left_out(stats));
	report_info(report,
		    "%" PRIu64 ".%" PRIu64 " s: %s%s, %" PRIu64 " written; %" PRIu64
		    "/s seen, %" PRIu64 "/s captured, %" PRIu64 "/s lost",
		    (uint64_t)(elapsed_ms / 1000), (uint64_t)(elapsed_ms / 100 % 10), text, out,
		    (uint64_t)stats->written,
		    (uint64_t)report_per_second(stats->seen - before->seen, span_ms),
		    (uint64_t)report_per_second(stats->captured - before->captured, span_ms),
		    (uint64_t)report_per_second(stats->lost - before->lost, span_ms));
}

static void report_print_frames(FILE *stream, __u64 frames, const char *what)
{
	fprintf(stream, "%" PRIu64 " frame%s %s\n", (uint64_t)frames, frames == 1 ? "" : "s", what);
}

static void report_print_unless_zero(FILE *stream, __u64 frames, const char *what)
{
	if (frames)
		report_print_frames(stream, frames, what);
}

void report_summary(struct report *report, const struct xdpdrop_stats *stats, bool only_drops)
{
	FILE *stream = report->stream;

	report_hide_live(report);
	fprintf(stream, "%" PRIu64 " frame%s %s by XDP (%s)\n", (uint64_t)stats->seen,
		stats->seen == 1 ? "" : "s", only_drops ? "dropped" : "seen",
		report_bytes(stats->bytes).text);
	report_print_unless_zero(stream, stats->missed,
				 "missed: the kernel skipped the fexit program");
	report_print_unless_zero(stream, stats->filtered, "rejected by the filter");
	report_print_unless_zero(stream, stats->sampled_out, "left out by sampling");
	report_print_unless_zero(stream, stats->limited, "over the rate limit");
	report_print_frames(stream, stats->captured, "captured");
	report_print_frames(
		stream, stats->lost,
		stats->lost ? "lost, a ring buffer was full (see -B) or the capture got no CPU" :
			      "lost");
	report_print_unless_zero(stream, stats->over_limit, "beyond the count (-c)");
	report_print_unless_zero(stream, stats->write_failed, "not written");
	report_print_unless_zero(stream, stats->forgotten,
				 "forgotten: in the history, and in no file");
	report_print_unless_zero(stream, stats->unsent,
				 "not sent: no client was connected, or none kept up");
	report_print_unless_zero(stream, stats->client_lost,
				 "lost by slow clients, over all clients");
	report_print_frames(stream, stats->written, "written");
	fflush(stream);
}

void report_counted(struct report *report, const struct xdpdrop_stats *stats, bool only_drops)
{
	FILE *stream = report->stream;

	fprintf(stream, "%" PRIu64 " frame%s %s by XDP (%s)\n", (uint64_t)stats->seen,
		stats->seen == 1 ? "" : "s", only_drops ? "dropped" : "seen",
		report_bytes(stats->bytes).text);
	report_print_unless_zero(stream, stats->missed,
				 "missed: the kernel skipped the fexit program");
	report_print_unless_zero(stream, stats->filtered, "rejected by the filter");
	report_print_frames(stream, stats->sampled_out + stats->limited + stats->captured,
			    "counted");
	report_print_unless_zero(stream, stats->captured, "of these sampled");
	report_print_frames(stream, stats->lost,
			    stats->lost ? "lost: a ring was full, or the monitor got no CPU" :
					  "lost");
	fflush(stream);
}

void report_open_standard(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDONLY);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

int report_flush(struct report *report)
{
	int err;

	if (!fflush(stdout) && !ferror(stdout))
		return 0;
	err = errno ? -errno : -EIO;
	report_error(report, "cannot write to standard output: %s", strerror(-err));
	return err;
}

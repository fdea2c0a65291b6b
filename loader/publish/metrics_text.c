// SPDX-License-Identifier: GPL-2.0-only
/*
 * The text exposition format, version 0.0.4. A counter never shrinks: which reasons have series of
 * their own does not change any more.
 */
#include "publish/metrics_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/text.h"

#define OTHER "other"

struct metrics_series {
	const char *interface, *program, *hook, *reason;
	__u64 frames, bytes;
};

/* A label's value: UTF-8, with three characters escaped. */
static void metrics_put_value(FILE *stream, const char *text)
{
	while (*text) {
		size_t length = text_character(text);

		if (!length)
			fputs("\xef\xbf\xbd", stream); /* U+FFFD */
		else if (*text == '\n')
			fputs("\\n", stream);
		else if (*text == '"' || *text == '\\')
			fprintf(stream, "\\%c", *text);
		else
			fwrite(text, 1, length, stream);
		text += length ? length : 1;
	}
}

static void metrics_put_label(FILE *stream, const char *name, const char *value, char after)
{
	fprintf(stream, "%s=\"", name);
	metrics_put_value(stream, value);
	fprintf(stream, "\"%c", after);
}

static void metrics_put_head(FILE *stream, const char *name, const char *type, const char *help)
{
	fprintf(stream, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void metrics_put_u64(FILE *stream, const char *name, const char *type, const char *help,
			    __u64 value)
{
	metrics_put_head(stream, name, type, help);
	fprintf(stream, "%s %" PRIu64 "\n", name, (uint64_t)value);
}

static void metrics_put_double(FILE *stream, const char *name, const char *help, double value)
{
	metrics_put_head(stream, name, "gauge", help);
	fprintf(stream, "%s %.6f\n", name, value);
}

static void metrics_put_series(FILE *stream, const char *name, const struct metrics_series *series,
			       __u64 value)
{
	fprintf(stream, "%s{", name);
	metrics_put_label(stream, "interface", series->interface, ',');
	metrics_put_label(stream, "program", series->program, ',');
	metrics_put_label(stream, "hook", series->hook, ',');
	metrics_put_label(stream, "reason", series->reason, '}');
	fprintf(stream, " %" PRIu64 "\n", (uint64_t)value);
}

static int metrics_compare(const void *left, const void *right)
{
	const struct metrics_series *a = left, *b = right;
	int order = strcmp(a->interface, b->interface);

	order = order ? order : strcmp(a->program, b->program);
	order = order ? order : strcmp(a->hook, b->hook);
	return order ? order : strcmp(a->reason, b->reason);
}

/* Rows that differ in other things than labels are one series. Returns how many there are. */
static unsigned int metrics_merge(struct metrics_series *series, unsigned int count)
{
	unsigned int last = 0;

	if (!count)
		return 0;
	qsort(series, count, sizeof(*series), metrics_compare);
	for (unsigned int i = 1; i < count; i++) {
		if (metrics_compare(&series[last], &series[i])) {
			series[++last] = series[i];
			continue;
		}
		series[last].frames += series[i].frames;
		series[last].bytes += series[i].bytes;
	}
	return last + 1;
}

static bool metrics_has_series(const struct monitor_row *row)
{
	return !row->others && row->order < METRICS_SERIES;
}

/* To be freed. Sets *@count, and *@left_out: reasons without series of their own. */
static struct metrics_series *metrics_collect(const struct monitor_table *table,
					      unsigned int *count, unsigned int *left_out)
{
	struct metrics_series *series = calloc(table->count + 1, sizeof(*series));

	*left_out = 0;
	for (unsigned int i = 0; series && i < table->count; i++) {
		const struct monitor_row *row = &table->row[i];
		bool own = metrics_has_series(row);

		series[i] = (struct metrics_series){ .interface = row->interface,
						     .program = row->program,
						     .hook = row->hook,
						     .reason = own ? row->reason : OTHER,
						     .frames = row->frames,
						     .bytes = row->bytes };
		*left_out += !own;
	}
	*count = metrics_merge(series, series ? table->count : 0);
	return series;
}

static void metrics_put_reasons(FILE *stream, const struct metrics_series *series,
				unsigned int count)
{
	metrics_put_head(stream, "xdpdrop_frames_total", "counter",
			 "Frames that XDP programs dropped.");
	for (unsigned int i = 0; i < count; i++)
		metrics_put_series(stream, "xdpdrop_frames_total", &series[i], series[i].frames);
	metrics_put_head(stream, "xdpdrop_bytes_total", "counter",
			 "Bytes of frames that XDP programs dropped.");
	for (unsigned int i = 0; i < count; i++)
		metrics_put_series(stream, "xdpdrop_bytes_total", &series[i], series[i].bytes);
}

static void metrics_put_session(FILE *stream, const struct xdpdrop_stats *stats)
{
	metrics_put_u64(stream, "xdpdrop_lost_total", "counter",
			"Frames for which there was no room in a ring, or no lease.", stats->lost);
	metrics_put_u64(stream, "xdpdrop_captured_total", "counter", "Frames that were sampled.",
			stats->captured);
	metrics_put_u64(stream, "xdpdrop_filtered_total", "counter",
			"Frames that the filter rejected.", stats->filtered);
	metrics_put_u64(stream, "xdpdrop_missed_total", "counter",
			"Runs for which the kernel skipped the fexit program.", stats->missed);
	metrics_put_u64(stream, "xdpdrop_refused", "gauge",
			"Hooks and programs that could not be monitored.", stats->refused);
	metrics_put_double(stream, "xdpdrop_lease_seconds",
			   "Time until frames count as lost, unless it is extended.",
			   stats->lease_ms / 1e3);
	metrics_put_double(stream, "xdpdrop_overhead_ratio",
			   "Measured time on the busiest CPU, 0 if it is not measured.",
			   stats->overhead / 1e5);
}

/* It waits until it starts, and no longer counts when it has ended. */
static bool metrics_is_counting(const struct monitor_table *table)
{
	return table->start_ns && !table->final;
}

static void metrics_put_counting(FILE *stream, const struct monitor_table *table)
{
	metrics_put_head(stream, "xdpdrop_counting", "gauge",
			 "1 if frames are counted, 0 before and after that.");
	fputs("xdpdrop_counting{", stream);
	metrics_put_label(stream, "interface", table->ifname, '}');
	fprintf(stream, " %d\n", metrics_is_counting(table));
}

static void metrics_put_all(FILE *stream, const struct monitor_table *table,
			    const struct metrics_series *series, unsigned int count,
			    unsigned int left_out)
{
	metrics_put_head(stream, "xdpdrop_build_info", "gauge", "Version of the monitor.");
	fputs("xdpdrop_build_info{", stream);
	metrics_put_label(stream, "version", XDPDROP_VERSION, '}');
	fputs(" 1\n", stream);
	metrics_put_counting(stream, table);
	metrics_put_reasons(stream, series, count);
	metrics_put_u64(stream, "xdpdrop_reasons_in_other", "gauge",
			"Reasons without series of their own.", left_out);
	if (table->start_ns)
		metrics_put_session(stream, &table->stats);
}

char *metrics_text(const struct monitor_table *table, size_t *length)
{
	unsigned int count, left_out;
	struct metrics_series *series = metrics_collect(table, &count, &left_out);
	char *text = NULL;
	FILE *stream = series ? open_memstream(&text, length) : NULL;

	if (stream)
		metrics_put_all(stream, table, series, count, left_out);
	free(series);
	if (!stream || !fclose(stream))
		return text;
	free(text);
	return NULL;
}

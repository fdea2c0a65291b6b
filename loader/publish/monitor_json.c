// SPDX-License-Identifier: GPL-2.0-only
/*
 * Numbers of the capture have the names that they have in the statistics of xdpdrop-capture.
 */
#include "publish/monitor_json.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/json.h"

#define MS_NS 1000000ULL

static void monitor_put_counts(struct json *json, const struct monitor_row *row)
{
	json_u64(json, "frames", row->frames);
	json_u64(json, "bytes", row->bytes);
	json_thousandths(json, "frames_per_second", row->frame_rate * 1000);
	json_thousandths(json, "bytes_per_second", row->byte_rate * 1000);
}

/* NULL for what is not known, as in all JSON of these tools. */
static const char *monitor_or_null(const char *text)
{
	return strcmp(text, "-") ? text : NULL;
}

static void monitor_put_row(struct json *json, const struct monitor_row *row)
{
	json_open_object(json, NULL);
	json_string(json, "interface", monitor_or_null(row->interface));
	json_string(json, "program", monitor_or_null(row->program));
	json_string(json, "hook", monitor_or_null(row->hook));
	json_string(json, "tap", row->tap);
	json_string(json, "reason", row->others ? NULL : monitor_or_null(row->reason));
	json_u64(json, "number", row->number);
	json_bool(json, "others", row->others);
	json_bool(json, "gone", row->gone);
	monitor_put_counts(json, row);
	json_close_object(json);
}

static void monitor_put_stats(struct json *json, const struct xdpdrop_stats *stats)
{
	json_u64(json, "seen", stats->seen);
	json_u64(json, "filtered", stats->filtered);
	json_u64(json, "sampled_out", stats->sampled_out);
	json_u64(json, "limited", stats->limited);
	json_u64(json, "lost", stats->lost);
	json_u64(json, "captured", stats->captured);
	json_u64(json, "missed", stats->missed);
	json_u64(json, "refused", stats->refused);
	json_u64(json, "sample", stats->sample);
}

static void monitor_put_sent(struct json *json, const struct monitor_sent *sent)
{
	json_u64(json, "events_written", sent->events_written);
	json_u64(json, "events_lost", sent->events_lost);
	json_u64(json, "sflow_sent", sent->sflow_sent);
	json_u64(json, "sflow_over_budget", sent->sflow_over_budget);
	json_u64(json, "sflow_failed", sent->sflow_failed);
}

static void monitor_put_table(struct json *json, const struct monitor_table *table)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	json_open_object(json, NULL);
	json_string(json, "type", table->final ? "final" : "interval");
	json_thousandths(json, "time", now.tv_sec * 1000ULL + now.tv_nsec / MS_NS);
	json_thousandths(json, "elapsed", (table->now_ns - table->start_ns) / MS_NS);
	json_thousandths(json, "interval", table->span * 1000);
	json_string(json, "interfaces", table->ifname);
	monitor_put_counts(json, &table->total);
	monitor_put_stats(json, &table->stats);
	monitor_put_sent(json, &table->sent);
	json_open_list(json, "reasons");
	for (unsigned int i = 0; i < table->count; i++)
		monitor_put_row(json, &table->row[i]);
	json_close_list(json);
	if (table->final) {
		json_bool(json, "balanced", table->stats.balanced);
		json_u64(json, "status", table->status);
	}
	json_close_object(json);
}

static int monitor_json_update(void *data, const struct monitor_table *table)
{
	struct json json = { .stream = stdout };

	(void)data;
	monitor_put_table(&json, table);
	putchar('\n');
	return fflush(stdout) ? -errno : 0;
}

static int monitor_json_begin(void *data, const struct monitor_table *table)
{
	(void)data, (void)table;
	return 0;
}

void monitor_json_view(struct monitor_view *view)
{
	*view = (struct monitor_view){ .fd = -1,
				       .begin = monitor_json_begin,
				       .update = monitor_json_update,
				       .end = monitor_json_update };
}

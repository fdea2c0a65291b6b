// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Lines of text. Reasons for which there is no room are counted.
 */
#include "api/recording_comment.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "api/describe.h"

#define SECOND_NS 1000000000ULL
#define MS_NS 1000000ULL
#define DAYS_400 146097	    /* in 400 years */
#define DAYS_TO_1970 719468 /* from March 1 of the year 0 */
/* Left for the last line. */
#define LAST_LINE 64

struct recording_text {
	const struct xdpdrop *session;
	char *text;
	size_t used;
	unsigned int more; /* reasons without a line */
};

/*
 * UTC, without gmtime_r(), which opens a file. A year begins in March here, so that its leap day is
 * the last one.
 */
static const char *recording_time(__u64 realtime, char *text, size_t size)
{
	__u64 seconds = realtime / SECOND_NS, days = seconds / 86400 + DAYS_TO_1970;
	unsigned int of_400_years = days % DAYS_400;
	unsigned int year = (of_400_years - of_400_years / 1460 + of_400_years / 36524 -
			     of_400_years / 146096) /
			    365;
	unsigned int day = of_400_years - (365 * year + year / 4 - year / 100);
	unsigned int month = (5 * day + 2) / 153;

	snprintf(text, size, "%u-%02u-%02uT%02u:%02u:%02u.%06uZ",
		 (unsigned int)(days / DAYS_400 * 400) + year + (month > 9),
		 month > 9 ? month - 9 : month + 3, day - (153 * month + 2) / 5 + 1,
		 (unsigned int)(seconds / 3600 % 24), (unsigned int)(seconds / 60 % 60),
		 (unsigned int)(seconds % 60), (unsigned int)(realtime % SECOND_NS / 1000));
	return text;
}

/* Names are unique only within a program. */
static void recording_name(const struct recording_text *text,
			   const struct xdpdrop_reason_stats *row, char *name, size_t size)
{
	const struct points *points = &text->session->points;
	const struct xdpdrop_point *point = &points->point[row->point].info;
	size_t used = 0;

	if (points->count > 1)
		used = snprintf(name, size, "%s:%.32s: ", point->ifname, point->program);
	if (row->others)
		snprintf(name + used, size - used, "other reasons");
	else if (!row->reason)
		snprintf(name + used, size - used, "no reason");
	else if (row->name)
		snprintf(name + used, size - used, "%.64s", row->name);
	else
		snprintf(name + used, size - used, "reason %u", row->reason);
}

static void recording_reason(void *data, const struct xdpdrop_reason_stats *row)
{
	struct recording_text *text = data;
	const struct history *history = &text->session->sink.recorder->history;
	char name[160], line[256];
	int length;

	recording_name(text, row, name, sizeof(name));
	length = snprintf(line, sizeof(line),
			  "\n%s: %" PRIu64 " frames, %" PRIu64 " captured, %u in this file", name,
			  (uint64_t)row->frames, (uint64_t)row->captured,
			  row->others ? 0 : history_count(history, row->point, row->reason));
	if (text->more || text->used + length + LAST_LINE > RECORDING_COMMENT) {
		text->more++;
		return;
	}
	memcpy(text->text + text->used, line, length + 1);
	text->used += length;
}

void recording_comment(const struct xdpdrop *session, const struct counted *now, __u64 realtime,
		       __u64 oldest, char *text)
{
	struct recording_text out = { .session = session, .text = text };
	const char *limits = session->sink.comment;
	char when[64], since[64];
	__u64 ms = oldest && oldest < realtime ? (realtime - oldest) / MS_NS : 0;

	out.used = snprintf(text, RECORDING_COMMENT,
			    "%s%striggered by %s at %s; the oldest frame is %" PRIu64 ".%03u s "
			    "older, of %s",
			    limits, *limits ? "\n" : "", session->recording.event,
			    recording_time(realtime, when, sizeof(when)), (uint64_t)(ms / 1000),
			    (unsigned int)(ms % 1000),
			    recording_time(oldest ? oldest : realtime, since, sizeof(since)));
	out.used += snprintf(text + out.used, RECORDING_COMMENT - out.used,
			     "\nfrom %s until the trigger:",
			     recording_time(session->sink.start, since, sizeof(since)));
	describe_each_since(session, now, recording_reason, &out);
	if (out.more)
		snprintf(text + out.used, RECORDING_COMMENT - out.used, "\n%u more reasons",
			 out.more);
}

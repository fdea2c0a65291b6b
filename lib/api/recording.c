// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Looks at triggers between rounds of records. A file has the totals since the last mark before its
 * oldest frame.
 */
#include "api/recording.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/describe.h"
#include "api/recording_comment.h"
#include "api/session.h"
#include "api/sized.h"
#include "base/cleanup.h"

#define SECOND_NS 1000000000ULL
#define MS_NS 1000000ULL
/* Counters of all CPUs are read this often. */
#define LOOK_NS (20 * MS_NS)
#define HISTORY_BYTES (64ULL * 1024 * 1024)
#define HISTORY_LEAST_BYTES (1024ULL * 1024)

static int recording_add(struct xdpdrop *session, const char *text)
{
	struct recording *recording = &session->recording;
	struct trigger *grown = reallocarray(recording->trigger, recording->triggers + 1,
					     sizeof(*recording->trigger));

	if (!grown)
		return -ENOMEM;
	recording->trigger = grown;
	if (trigger_parse(&grown[recording->triggers], text))
		return log_error(&session->log, -EINVAL,
				 "there is no trigger '%.64s', only reason=NAME, new-reason, "
				 "rate>N, rate(NAME)>N, lost, exception, gone",
				 text);
	recording->triggers++;
	return 0;
}

static int recording_start(struct xdpdrop *session, const struct xdpdrop_history *asked)
{
	struct recording *recording = &session->recording;
	int err = 0;

	*recording = (struct recording){
		.span = asked->seconds * SECOND_NS,
		.after = asked->after_ms * MS_NS,
		.holdoff = asked->holdoff_ms * MS_NS,
		.marks = calloc(1, sizeof(*recording->marks)),
	};
	if (!recording->marks)
		return -ENOMEM;
	for (const char *const *text = asked->triggers; !err && text && *text; text++)
		err = recording_add(session, *text);
	err = err ? err :
		    recorder_new(&session->sink.recorder,
				 asked->bytes ? asked->bytes : HISTORY_BYTES);
	if (err == -ENOMEM)
		return log_error(&session->log, err, "there is no memory for a history of %llu MiB",
				 (asked->bytes ? asked->bytes : HISTORY_BYTES) >> 20);
	if (!err)
		session->sink.recorder->limit = session->files.bytes;
	return err;
}

int recording_set(struct xdpdrop *session, const struct xdpdrop_history *asked)
{
	struct xdpdrop_history known;

	recording_free(&session->recording);
	recorder_free(session->sink.recorder);
	session->sink.recorder = NULL;
	if (!asked)
		return 0;
	if (sized_read(&known, sizeof(known), asked) ||
	    (known.bytes && known.bytes < HISTORY_LEAST_BYTES))
		return -EINVAL;
	return recording_start(session, &known);
}

static bool recording_knows(const struct xdpdrop *session, const char *reason)
{
	__u64 number;

	for (unsigned int i = 0; i < session->points.count; i++)
		if (reasons_number(&session->points.point[i].reasons, reason, 0, &number))
			return true;
	return false;
}

/* A program that has the reason may come later. */
static void recording_check_reasons(const struct xdpdrop *session)
{
	const struct recording *recording = &session->recording;

	for (unsigned int i = 0; i < recording->triggers; i++)
		if (trigger_names_reason(&recording->trigger[i]) &&
		    !recording_knows(session, recording->trigger[i].reason))
			log_warn(&session->log, "trigger '%s': no program has a reason '%s' now",
				 recording->trigger[i].text, recording->trigger[i].reason);
}

/* Programs that were replaced, and capture points without a program now. */
static __u64 recording_count_gone(const struct xdpdrop *session)
{
	__u64 gone = session->recording.over;

	for (unsigned int i = 0; i < session->points.count; i++) {
		const struct point *point = &session->points.point[i];

		gone += (point->programs ? point->programs - 1 : 0) + point->info.gone;
	}
	return gone;
}

bool recording_begin(struct xdpdrop *session)
{
	struct recording *recording = &session->recording;

	if (!recording->marks)
		return false;
	recording_check_reasons(session);
	/* those that cannot be captured are no event */
	for (unsigned int i = 0; i < recording->triggers; i++)
		if (recording->trigger[i].kind == TRIGGER_GONE)
			recording->trigger[i].before = recording_count_gone(session);
	return true;
}

void recording_disarm(struct xdpdrop *session)
{
	session->recording.gone = recording_count_gone(session);
	session->recording.disarmed = true;
}

/* Younger frames are not in its counters. */
static int recording_mark(struct xdpdrop *session)
{
	CLEANUP_FREE struct counted *counted = calloc(1, sizeof(*counted));
	int err = counted ? describe_count(session, counted) : -ENOMEM;

	if (!err)
		marks_add(session->recording.marks, clock_kernel(), counted);
	else if (counted)
		free(counted->rows.row);
	return err;
}

static void recording_expire(struct xdpdrop *session, __u64 now)
{
	struct recording *recording = &session->recording;

	if (recording->span && now > recording->span)
		history_expire(&session->sink.recorder->history, now - recording->span);
	recording->next_expiry = now + LOOK_NS;
}

/* Marks that are older than all frames are not needed. */
static int recording_keep_marks(struct xdpdrop *session, __u64 now)
{
	struct recording *recording = &session->recording;
	struct history *history = &session->sink.recorder->history;
	struct history_frame oldest;
	size_t size;

	if (now >= recording->next_expiry)
		recording_expire(session, now);
	/* frames that are still in the rings belong to the next mark */
	if (session->behind || !marks_are_due(recording->marks, now))
		return 0;
	marks_forget(recording->marks, history_oldest(history, &oldest, &size) ? oldest.time : now);
	return recording_mark(session);
}

static void recording_sum(const struct xdpdrop *session, const struct counted *counted,
			  struct trigger_counts *counts)
{
	const struct recording *recording = &session->recording;

	*counts = (struct trigger_counts){ .gone = recording->disarmed ?
							   recording->gone :
							   recording_count_gone(session),
					   .row = counted->rows.row,
					   .count = counted->rows.count };
	for (unsigned int i = 0; i < session->points.count; i++) {
		bool exception = !strcmp(session->points.point[i].info.tap, "exception");

		counts->seen += counted->sum[i].seen;
		counts->lost += counted->sum[i].lost;
		counts->exceptions += exception ? counted->sum[i].seen : 0;
	}
}

/* *@event: the text of the first trigger that acts, or NULL. */
static int recording_look(struct xdpdrop *session, __u64 now, const char **event)
{
	CLEANUP_FREE struct counted *counted = calloc(1, sizeof(*counted));
	struct recording *recording = &session->recording;
	struct trigger_counts counts;
	int err = counted ? describe_count(session, counted) : -ENOMEM;

	*event = NULL;
	if (!counted)
		return err;
	recording_sum(session, counted, &counts);
	for (unsigned int i = 0; !err && i < recording->triggers; i++)
		if (trigger_acts(&recording->trigger[i], &counts, now, recording->holdoff) &&
		    !*event)
			*event = recording->trigger[i].text;
	recording->next_look = now + LOOK_NS;
	free(counted->rows.row);
	return err;
}

/*
 * The totals of the file begin at the last mark that is not younger than the oldest frame. If a
 * frame came before the first mark, they begin where the previous file ended.
 */
static void recording_choose_mark(struct xdpdrop *session, __u64 oldest)
{
	struct marks *marks = session->recording.marks;

	marks_forget(marks, oldest);
	if (marks->count && marks->mark[0].time <= oldest)
		describe_set_before(session, &marks->mark[0].counted,
				    clock_realtime(&session->sink.clock, marks->mark[0].time));
}

static int recording_begin_file(struct xdpdrop *session, __u64 now, const char *event)
{
	CLEANUP_FREE struct counted *counted = calloc(1, sizeof(*counted));
	CLEANUP_FREE char *text = malloc(RECORDING_COMMENT);
	struct sink *sink = &session->sink;
	const __u64 realtime = clock_realtime(&sink->clock, now);
	struct history_frame oldest;
	size_t size;
	bool any;
	int err = counted && text ? describe_count(session, counted) : -ENOMEM;

	if (!err) {
		snprintf(session->recording.event, sizeof(session->recording.event), "%s", event);
		recording_expire(session, now);
		any = history_oldest(&sink->recorder->history, &oldest, &size);
		recording_choose_mark(session, any ? oldest.time : now);
		recording_comment(session, counted, realtime,
				  any ? clock_realtime(&sink->clock, oldest.time) : 0, text);
		err = sink_begin_snapshot(sink, realtime, text);
	}
	if (counted)
		free(counted->rows.row);
	return err;
}

static int recording_end_file(struct xdpdrop *session)
{
	marks_clear(session->recording.marks);
	return sink_end_snapshot(&session->sink);
}

static bool recording_is_full(const struct xdpdrop *session)
{
	__u64 limit = session->sink.recorder->limit;

	return limit && buffer_bytes(&session->sink.out) > limit;
}

/* The frames that a full file did not take are in the history. */
static int recording_act(struct xdpdrop *session, __u64 now, const char *event, __u64 event_time)
{
	bool open = session->sink.recorder->open;
	int err = 0;

	session->recording.ends = event_time + session->recording.after;
	if (open && !recording_is_full(session)) {
		log_info(&session->log, "trigger %s extends the file", event);
		return 0;
	}
	if (open)
		err = recording_end_file(session);
	return err ? err : recording_begin_file(session, now, event);
}

/* Frames that are left in the rings may be those that have acted. */
static bool recording_is_over(const struct xdpdrop *session, __u64 until)
{
	__u64 newest = session->sink.recorder->newest;

	if (session->behind && newest < until)
		until = newest;
	return until >= session->recording.ends || recording_is_full(session);
}

static int recording_check(struct xdpdrop *session, __u64 now, bool at_once)
{
	struct recording *recording = &session->recording;
	const char *event = __atomic_exchange_n(&recording->asked, NULL, __ATOMIC_RELAXED);
	const char *found = NULL;
	int err = 0;

	if (recording->triggers && (at_once || now >= recording->next_look))
		err = recording_look(session, now, &found);
	if (err || (!event && !found))
		return err;
	/* Counters are younger than the records: the frame that they have counted belongs to it. */
	return recording_act(session, now, event ? event : found, found ? clock_kernel() : now);
}

int recording_tick(struct xdpdrop *session, __u64 until, bool next)
{
	bool open = session->sink.recorder->open;
	int err;

	if (next && open)
		session->recording.ends = 0;
	else if (next)
		xdpdrop_snapshot(session, "next");
	err = open ? 0 : recording_keep_marks(session, until);
	err = err ? err : recording_check(session, until, false);
	if (!err && session->sink.recorder->open && recording_is_over(session, until))
		err = recording_end_file(session);
	return err;
}

int recording_end(struct xdpdrop *session)
{
	int err;

	if (!session->recording.marks)
		return 0;
	err = session->sink.out.error ? 0 : recording_check(session, clock_kernel(), true);
	history_clear(&session->sink.recorder->history);
	return err;
}

void recording_free(struct recording *recording)
{
	if (recording->marks)
		marks_clear(recording->marks);
	free(recording->marks);
	free(recording->trigger);
	*recording = (struct recording){ 0 };
}

int xdpdrop_snapshot(struct xdpdrop *session, const char *trigger)
{
	const char *none = NULL;

	return __atomic_compare_exchange_n(&session->recording.asked, &none, trigger, false,
					   __ATOMIC_RELAXED, __ATOMIC_RELAXED) ?
		       0 :
		       -EBUSY;
}

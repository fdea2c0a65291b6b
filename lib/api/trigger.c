// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Every trigger has one counter that never falls, apart from that of programs that are gone. A rate
 * is counted in seconds that follow each other, so that it acts as soon as there are too many
 * frames, not when the second is over.
 */
#include "api/trigger.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "record/reason.h"

#define SECOND_NS 1000000000ULL
#define RATE_MOST 10000000000ULL

static const struct {
	const char *text;
	enum trigger_kind kind;
} trigger_words[] = {
	{ "new-reason", TRIGGER_NEW_REASON },
	{ "lost", TRIGGER_LOST },
	{ "exception", TRIGGER_EXCEPTION },
	{ "gone", TRIGGER_GONE },
};

/* ">N" */
static bool trigger_parse_rate(struct trigger *trigger, const char *text)
{
	size_t length;

	if (*text++ != '>')
		return false;
	length = strspn(text, "0123456789");
	if (!length || length > 11 || text[length])
		return false;
	trigger->rate = strtoull(text, NULL, 10);
	return trigger->rate <= RATE_MOST;
}

/* A number that is too large may be a name in the file of reasons, which is read later. */
static bool trigger_parse_reason(struct trigger *trigger, const char *name, size_t length)
{
	const struct reasons none = { 0 };
	__u64 number = 0;

	snprintf(trigger->reason, sizeof(trigger->reason), "%.*s", (int)length, name);
	trigger->has_number = reasons_number(&none, trigger->reason, UINT32_MAX, &number);
	trigger->number = number;
	return length;
}

static bool trigger_parse_word(struct trigger *trigger, const char *text)
{
	for (size_t i = 0; i < sizeof(trigger_words) / sizeof(trigger_words[0]); i++)
		if (!strcmp(text, trigger_words[i].text)) {
			trigger->kind = trigger_words[i].kind;
			return true;
		}
	return false;
}

/* A reason's name may contain any character. */
static bool trigger_parse_kind(struct trigger *trigger, const char *text)
{
	const char *name, *end = strrchr(text, ')');

	if (!strncmp(text, "reason=", strlen("reason="))) {
		trigger->kind = TRIGGER_REASON;
		name = text + strlen("reason=");
		return trigger_parse_reason(trigger, name, strlen(name));
	}
	if (!strncmp(text, "rate(", strlen("rate(")) && end) {
		trigger->kind = TRIGGER_RATE_OF_REASON;
		name = text + strlen("rate(");
		return trigger_parse_reason(trigger, name, end - name) &&
		       trigger_parse_rate(trigger, end + 1);
	}
	trigger->kind = TRIGGER_RATE;
	return !strncmp(text, "rate>", strlen("rate>")) ?
		       trigger_parse_rate(trigger, text + strlen("rate")) :
		       trigger_parse_word(trigger, text);
}

int trigger_parse(struct trigger *trigger, const char *text)
{
	struct trigger parsed = { 0 };

	if (strlen(text) >= sizeof(parsed.text) || !trigger_parse_kind(&parsed, text))
		return -EINVAL;
	strcpy(parsed.text, text);
	*trigger = parsed;
	return 0;
}

bool trigger_names_reason(const struct trigger *trigger)
{
	return *trigger->reason && !trigger->has_number;
}

static bool trigger_is_of(const struct trigger *trigger, const struct xdpdrop_reason_stats *row)
{
	if (row->others)
		return false;
	return (trigger->has_number && trigger->number == row->reason) ||
	       (row->name && !strcmp(trigger->reason, row->name));
}

static __u64 trigger_count_reason(const struct trigger *trigger,
				  const struct trigger_counts *counts)
{
	__u64 frames = 0;

	for (size_t i = 0; i < counts->count; i++)
		if (trigger_is_of(trigger, &counts->row[i]))
			frames += counts->row[i].frames;
	return frames;
}

/* A reason at two capture points are two. */
static __u64 trigger_count_reasons(const struct trigger_counts *counts)
{
	__u64 reasons = 0;

	for (size_t i = 0; i < counts->count; i++)
		reasons += counts->row[i].reason || counts->row[i].others;
	return reasons;
}

static __u64 trigger_count(const struct trigger *trigger, const struct trigger_counts *counts)
{
	switch (trigger->kind) {
	case TRIGGER_REASON:
	case TRIGGER_RATE_OF_REASON:
		return trigger_count_reason(trigger, counts);
	case TRIGGER_NEW_REASON:
		return trigger_count_reasons(counts);
	case TRIGGER_LOST:
		return counts->lost;
	case TRIGGER_EXCEPTION:
		return counts->exceptions;
	case TRIGGER_GONE:
		return counts->gone;
	default:
		return counts->seen;
	}
}

/* For rates: those since the counter was kept. A look may be late. */
static __u64 trigger_seconds(const struct trigger *trigger, __u64 now)
{
	__u64 seconds = trigger->second ? (now - trigger->second) / SECOND_NS : 1;

	return seconds ? seconds : 1;
}

/* More than @trigger->rate in a second. Other triggers have a rate of 0. */
static bool trigger_is_true(struct trigger *trigger, __u64 count, __u64 now)
{
	bool rate = trigger->kind == TRIGGER_RATE || trigger->kind == TRIGGER_RATE_OF_REASON;
	bool met = count > trigger->before &&
		   count - trigger->before > trigger->rate * trigger_seconds(trigger, now);

	if (!rate || met || now - trigger->second >= SECOND_NS) {
		trigger->before = count;
		trigger->second = now;
	}
	return met;
}

bool trigger_acts(struct trigger *trigger, const struct trigger_counts *counts, __u64 now,
		  __u64 holdoff)
{
	bool met = trigger_is_true(trigger, trigger_count(trigger, counts), now);

	if (!met || now < trigger->quiet)
		return false;
	trigger->quiet = now + holdoff;
	return true;
}

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The counts of a replay: frames by verdict and reason, changes, times, and frames that could not
 * be run.
 */
#ifndef XDPDROP_REPLAY_COUNT_H
#define XDPDROP_REPLAY_COUNT_H

#include <stdio.h>

#include "replay/replay_verdict.h"

/* Why a frame was not run. */
enum replay_skip {
	REPLAY_RUNT,
	REPLAY_LINK_TYPE,
	REPLAY_CUT,
	REPLAY_TOO_LONG,
	REPLAY_FRAGMENTS,
	REPLAY_SKIPS,
};

#define REPLAY_ROWS 1024   /* verdicts with reasons, or changes, that are told apart */
#define REPLAY_LISTED 8	   /* frame numbers of each kind of frame that was not run */
#define REPLAY_TIMES 4096U /* ns that have a count of their own */
#define REPLAY_OCTAVES 20  /* longer times: a count for each power of two */

#define REPLAY_RECENT 256 /* results whose row is known; a power of two */

struct replay_row {
	char text[2 * sizeof(struct replay_words) + 4]; /* "DROP BLOCKLIST", "PASS -> DROP" */
	__u64 frames, bytes;
};

struct replay_count {
	__u64 frames, bytes, run, written, old_queue;
	__u64 verdict[VERDICTS];
	__u64 change[VERDICTS][VERDICTS]; /* from the old program's to the new's */
	__u64 changed;
	__u64 skipped[REPLAY_SKIPS];
	__u64 listed[REPLAY_SKIPS][REPLAY_LISTED];
	struct replay_row row[REPLAY_ROWS];
	unsigned int rows;
	struct {
		const struct xdpdrop_point *point;
		__u32 action, reason;
		struct replay_row *row;
	} recent[REPLAY_RECENT];
	__u64 other_rows; /* frames for which there was no row */
	__u64 time[REPLAY_TIMES + REPLAY_OCTAVES];
};

/* Why a frame is not run, in words. */
const char *replay_skip_text(enum replay_skip skip);

void replay_count_skip(struct replay_count *count, enum replay_skip skip, __u64 number);

/* Count a frame of @bytes under @text. Returns its row. NULL: there is no more room. */
struct replay_row *replay_count_row(struct replay_count *count, const char *text, __u64 bytes);

/* Count a frame of @bytes under its verdict and reason. */
void replay_count_result(struct replay_count *count, const struct xdpdrop_replay_result *result,
			 __u64 bytes);

void replay_count_time(struct replay_count *count, __u32 ns);

/* The median time in ns; 0: none was counted. */
__u32 replay_count_median(const struct replay_count *count);

/* Rows with the most frames first. */
void replay_count_sort(struct replay_count *count);

/* Print the summary. @against: of two programs. */
void replay_count_print(FILE *stream, struct replay_count *count, bool against);

/* The same as one JSON object. */
void replay_count_json(FILE *stream, struct replay_count *count, bool against);

#endif

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rows are found by their text in a table of bounded size, recent ones without it.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/json.h"
#include "common/text.h"
#include "replay/replay_count.h"

static const struct {
	const char *key, *text;
} skips[REPLAY_SKIPS] = {
	[REPLAY_RUNT] = { "runt", "shorter than an Ethernet header" },
	[REPLAY_LINK_TYPE] = { "link_type", "of a link type without Ethernet headers" },
	[REPLAY_CUT] = { "cut", "cut by a snapshot length (--pad runs them)" },
	[REPLAY_TOO_LONG] = { "too_long", "too long for this kernel's test runs" },
	[REPLAY_FRAGMENTS] = { "fragments", "longer than a page, for a program without xdp.frags" },
};

const char *replay_skip_text(enum replay_skip skip)
{
	return skips[skip].text;
}

void replay_count_skip(struct replay_count *count, enum replay_skip skip, __u64 number)
{
	if (count->skipped[skip] < REPLAY_LISTED)
		count->listed[skip][count->skipped[skip]] = number;
	count->skipped[skip]++;
}

struct replay_row *replay_count_row(struct replay_count *count, const char *text, __u64 bytes)
{
	struct replay_row *row = count->row;
	unsigned int at = 0;

	while (at < count->rows && strcmp(row[at].text, text))
		at++;
	if (at == REPLAY_ROWS) {
		count->other_rows++;
		return NULL;
	}
	if (at == count->rows) {
		snprintf(row[at].text, sizeof(row[at].text), "%s", text);
		count->rows++;
	}
	row[at].frames++;
	row[at].bytes += bytes;
	return &row[at];
}

/* For a result that was not seen for long. Not inline, so that most frames save no registers. */
__attribute__((noinline)) static void
replay_count_new_result(struct replay_count *count, unsigned int at,
			const struct xdpdrop_replay_result *result, __u64 bytes)
{
	struct replay_row *row = replay_count_row(count, replay_verdict_words(result).text, bytes);

	count->recent[at].point = row ? result->point : NULL;
	count->recent[at].action = result->action;
	count->recent[at].reason = result->reason;
	count->recent[at].row = row;
}

/* Most frames have a result that a frame not long before had: no text is made for them. */
void replay_count_result(struct replay_count *count, const struct xdpdrop_replay_result *result,
			 __u64 bytes)
{
	__u32 key = (result->reason ^ (__u32)((size_t)result->point >> 6)) * 0x9e3779b1U;
	unsigned int at = ((key >> 16) + result->action) % REPLAY_RECENT;
	bool known = count->recent[at].point == result->point &&
		     count->recent[at].action == result->action &&
		     count->recent[at].reason == result->reason;

	count->verdict[replay_verdict(result->action)]++;
	if (!known) {
		replay_count_new_result(count, at, result, bytes);
		return;
	}
	count->recent[at].row->frames++;
	count->recent[at].row->bytes += bytes;
}

void replay_count_time(struct replay_count *count, __u32 ns)
{
	unsigned int octave = 0;

	if (ns < REPLAY_TIMES) {
		count->time[ns]++;
		return;
	}
	while (octave + 1 < REPLAY_OCTAVES && ns >= REPLAY_TIMES << (octave + 1))
		octave++;
	count->time[REPLAY_TIMES + octave]++;
}

__u32 replay_count_median(const struct replay_count *count)
{
	__u64 total = 0, seen = 0;
	unsigned int i;

	for (i = 0; i < REPLAY_TIMES + REPLAY_OCTAVES; i++)
		total += count->time[i];
	if (!total)
		return 0;
	for (i = 0; i < REPLAY_TIMES + REPLAY_OCTAVES - 1; i++) {
		seen += count->time[i];
		if (2 * seen >= total)
			break;
	}
	return i < REPLAY_TIMES ? i : REPLAY_TIMES << (i - REPLAY_TIMES);
}

static int replay_count_compare_rows(const void *left, const void *right)
{
	const struct replay_row *a = left, *b = right;

	if (a->frames != b->frames)
		return a->frames < b->frames ? 1 : -1;
	return strcmp(a->text, b->text);
}

void replay_count_sort(struct replay_count *count)
{
	qsort(count->row, count->rows, sizeof(count->row[0]), replay_count_compare_rows);
}

static void replay_count_print_skips(FILE *stream, const struct replay_count *count)
{
	for (unsigned int i = 0; i < REPLAY_SKIPS; i++) {
		__u64 frames = count->skipped[i];

		if (!frames)
			continue;
		fprintf(stream, "%12" PRIu64 " not run: %s: frame", (uint64_t)frames,
			skips[i].text);
		for (unsigned int n = 0; n < REPLAY_LISTED && n < frames; n++)
			fprintf(stream, "%s %" PRIu64,
				n	   ? "," :
				frames > 1 ? "s" :
					     "",
				(uint64_t)count->listed[i][n]);
		fputs(frames > REPLAY_LISTED ? " ...\n" : "\n", stream);
	}
}

static void replay_count_print_matrix(FILE *stream, const struct replay_count *count)
{
	fputs("old \\ new   ", stream);
	for (unsigned int new = 0; new < VERDICTS; new ++)
		fprintf(stream, " %12s", verdict_name(new));
	fputc('\n', stream);
	for (unsigned int old = 0; old < VERDICTS; old++) {
		fprintf(stream, "%-12s", verdict_name(old));
		for (unsigned int new = 0; new < VERDICTS; new ++)
			fprintf(stream, " %12" PRIu64, (uint64_t)count->change[old][new]);
		fputc('\n', stream);
	}
}

void replay_count_print(FILE *stream, struct replay_count *count, bool against)
{
	replay_count_sort(count);
	fprintf(stream, "%12" PRIu64 " frames read, %" PRIu64 " run", (uint64_t)count->frames,
		(uint64_t)count->run);
	if (replay_count_median(count))
		fprintf(stream, ", %u ns each (median)", replay_count_median(count));
	fputc('\n', stream);
	if (against)
		replay_count_print_matrix(stream, count);
	for (unsigned int i = 0; i < count->rows; i++) {
		char text[sizeof(count->row[i].text)];

		memcpy(text, count->row[i].text, sizeof(text));
		fprintf(stream, "%12" PRIu64 " %s\n", (uint64_t)count->row[i].frames,
			text_clean(text));
	}
	if (count->other_rows)
		fprintf(stream, "%12" PRIu64 " with other reasons\n", (uint64_t)count->other_rows);
	replay_count_print_skips(stream, count);
	if (count->old_queue)
		fprintf(stream, "%12" PRIu64 " run as of queue 0: the interface lacks theirs\n",
			(uint64_t)count->old_queue);
}

static void replay_count_put_matrix(struct json *json, const struct replay_count *count)
{
	json_open_object(json, "changes_of_verdict");
	for (unsigned int old = 0; old < VERDICTS; old++) {
		json_open_object(json, verdict_name(old));
		for (unsigned int new = 0; new < VERDICTS; new ++)
			json_u64(json, verdict_name(new), count->change[old][new]);
		json_close_object(json);
	}
	json_close_object(json);
	json_u64(json, "changed", count->changed);
}

void replay_count_json(FILE *stream, struct replay_count *count, bool against)
{
	struct json json = { .stream = stream };

	replay_count_sort(count);
	json_open_object(&json, NULL);
	json_u64(&json, "frames", count->frames);
	json_u64(&json, "bytes", count->bytes);
	json_u64(&json, "run", count->run);
	json_u64(&json, "written", count->written);
	json_u64(&json, "median_ns", replay_count_median(count));
	json_u64(&json, "run_as_of_queue_0", count->old_queue);
	json_open_object(&json, "verdicts");
	for (unsigned int i = 0; i < VERDICTS; i++)
		json_u64(&json, verdict_name(i), count->verdict[i]);
	json_close_object(&json);
	json_open_object(&json, "not_run");
	for (unsigned int i = 0; i < REPLAY_SKIPS; i++)
		json_u64(&json, skips[i].key, count->skipped[i]);
	json_close_object(&json);
	if (against)
		replay_count_put_matrix(&json, count);
	json_open_list(&json, against ? "changes" : "reasons");
	for (unsigned int i = 0; i < count->rows; i++) {
		json_open_object(&json, NULL);
		json_string(&json, "text", count->row[i].text);
		json_u64(&json, "frames", count->row[i].frames);
		json_u64(&json, "bytes", count->row[i].bytes);
		json_close_object(&json);
	}
	json_close_list(&json);
	json_close_object(&json);
	fputc('\n', stream);
}

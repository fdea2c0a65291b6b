// SPDX-License-Identifier: GPL-2.0-only
/*
 * No text is made for a frame that is not written.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "replay/replay_run.h"

#define LINKTYPE_ETHERNET 1
#define RUN_BATCH 128 /* frames that are run in a row; they stay in a cache of the CPU */

static bool replay_run_has_reason(const struct replay_run *run, __u32 reason)
{
	for (unsigned int i = 0; i < run->reason_count; i++)
		if (run->reasons[i] == reason)
			return true;
	return !run->options->only_reasons;
}

/* In captures of programs, the name of an interface is that of a program, too: "eth0:firewall". */
static const char *replay_run_cut_ifname(struct replay_run *run, const char *ifname)
{
	size_t length = strcspn(ifname, ":");

	memcpy(run->ifname, ifname, length);
	run->ifname[length] = '\0';
	return run->ifname;
}

/*
 * The first comment of an output frame is the reason. A reason of the input is marked, unless it is
 * the same.
 */
static const char *const *replay_run_keep_comments(struct replay_run *run,
						   const struct replay_packet *packet,
						   const char *comment)
{
	const char *const *comments = packet->frame.comments;
	unsigned int kept = 0;

	for (unsigned int i = 0; comments[i]; i++) {
		if (comment && !strcmp(comments[i], comment))
			continue;
		run->kept[kept] = comments[i];
		if (packet->judged) {
			snprintf(run->kept_text[i], sizeof(run->kept_text[i]), "input: %s",
				 comments[i]);
			run->kept[kept] = run->kept_text[i];
		}
		kept++;
	}
	run->kept[kept] = NULL;
	return run->kept;
}

/* Changes the frame: it has been run. */
static int replay_run_write_frame(struct replay_run *run, struct replay_item *item,
				  const struct xdpdrop_replay_result *result)
{
	struct xdpdrop_replay *program = run->lane.program;
	const struct replay_packet *packet = &item->packet;
	struct xdpdrop_replay_frame *frame = &item->packet.frame;
	int err;

	run->count->written++;
	if (!run->writes)
		return 0;
	if (run->options->replay.modified) {
		frame->data = result->data;
		frame->caplen = frame->len = result->len;
	}
	if (packet->judged && frame->ifname)
		frame->ifname = replay_run_cut_ifname(run, frame->ifname);
	if (frame->comments)
		frame->comments = replay_run_keep_comments(run, packet,
							   xdpdrop_replay_comment(program, result));
	err = xdpdrop_replay_write(program, frame, result);
	run->output = err;
	return err;
}

static bool replay_run_is_same(const struct xdpdrop_replay_result *old,
			       const struct xdpdrop_replay_result *new)
{
	if (replay_verdict(old->action) != replay_verdict(new->action))
		return false;
	if (old->reason_name && new->reason_name)
		return !strcmp(old->reason_name, new->reason_name);
	return old->reason == new->reason;
}

static int replay_run_compare(struct replay_run *run, struct replay_item *item)
{
	struct xdpdrop_replay_result *old = &item->result, *new = &item->other;
	__u32 from = replay_verdict(old->action), to = replay_verdict(new->action);
	char text[2 * sizeof(struct replay_words) + 4];

	run->count->change[from][to]++;
	if (replay_run_is_same(old, new))
		return 0;
	run->count->changed++;
	snprintf(text, sizeof(text), "%s -> %s", replay_verdict_words(old).text,
		 replay_verdict_words(new).text);
	replay_count_row(run->count, text, item->packet.frame.len);
	if (!(run->actions & (1U << from | 1U << to)))
		return 0;
	new->comment = text;
	return replay_run_write_frame(run, item, new);
}

static int replay_run_skip_frame(struct replay_run *run, const struct replay_item *item)
{
	const struct replay_packet *packet = &item->packet;

	replay_count_skip(run->count, item->skip, packet->number);
	if (run->options->verbose > 1)
		report_info(run->report, "frame %llu is not run: %s",
			    (unsigned long long)packet->number, replay_skip_text(item->skip));
	if (run->expect && packet->link_type == LINKTYPE_ETHERNET)
		replay_expect_test(run->expect, packet, NULL, item->skip, run->report);
	return 0;
}

static int replay_run_take(struct replay_run *run, struct replay_item *item)
{
	const struct xdpdrop_replay_result *result = &item->result;
	const struct replay_packet *packet = &item->packet;
	const struct xdpdrop_replay_frame *frame = &packet->frame;

	run->count->frames++;
	run->count->bytes += frame->len;
	if (item->skip != REPLAY_RUN)
		return replay_run_skip_frame(run, item);
	run->count->run++;
	run->count->old_queue += result->flags & XDPDROP_REPLAY_QUEUE_0;
	replay_count_time(run->count, result->ns);
	if (run->expect)
		replay_expect_test(run->expect, packet, result, item->skip, run->report);
	if (run->filter &&
	    !xdpdrop_filter_match(run->filter, frame->data, frame->caplen, frame->len))
		return 0;
	if (run->lane.other)
		return replay_run_compare(run, item);
	replay_count_result(run->count, result, frame->len);
	if (!(run->actions & 1U << replay_verdict(result->action)) ||
	    !replay_run_has_reason(run, result->reason))
		return 0;
	return replay_run_write_frame(run, item, result);
}

int replay_take_batch(struct replay_run *run, struct replay_batch *batch)
{
	int err = 0;

	for (unsigned int i = 0; !err && i < batch->run; i++)
		err = replay_run_take(run, &batch->item[i]);
	return err ? err : batch->err;
}

/* The bytes that a program left are there until the next run. */
int replay_run(struct replay_run *run)
{
	unsigned int most = run->options->replay.modified ? 1 : RUN_BATCH;
	struct replay_batch *batch = calloc(1, sizeof(*batch));
	int got = 1, err = batch ? 0 : -ENOMEM;

	while (!err && got > 0) {
		got = replay_batch_read(batch, run->reader, most, false);
		replay_batch_run(batch, &run->lane);
		err = replay_take_batch(run, batch);
	}
	free(batch);
	return err ? err : got;
}

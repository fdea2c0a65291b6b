// SPDX-License-Identifier: LGPL-2.1-only
/*
 * The public functions of replays: check what the caller gives, and join the run with the output.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#include "api/replay_output.h"
#include "api/session.h"
#include "api/sized.h"
#include "process/privilege.h"
#include "replay/runner.h"

#define REPLAY_ACTIONS 0x1fU /* aborted to redirect */

/* A shared replay has only a runner, of the run of the first one. */
struct xdpdrop_replay {
	struct xdpdrop *session;
	struct run run;
	struct runner runner;
	bool shared, modified;
	struct {
		const struct xdpdrop_point *point;
		__u32 reason;
		unsigned int renamed; /* points->renamed when the name was valid */
		const char *name;
	} last; /* the reason of the last frame that had one: most frames have the same */
};

static int replay_check_opts(const struct xdpdrop *session, struct xdpdrop_replay_opts *known,
			     const struct xdpdrop_replay_opts *given)
{
	if (!given || sized_read(known, sizeof(*known), given) || !known->program ||
	    !*known->program || known->actions & ~REPLAY_ACTIONS)
		return -EINVAL;
	if (session->state != SESSION_NEW || session->replay_output)
		return log_error(&session->log, -EINVAL,
				 "replays are opened before the session is used");
	return 0;
}

static int replay_read_reasons(struct xdpdrop *session, const char *path)
{
	reasons_free(&session->points.named);
	reasons_free(&session->points.rules);
	return path ? reasons_read_file(&session->points.named, &session->points.rules, path,
					&session->log) :
		      0;
}

int xdpdrop_replay_open(struct xdpdrop *session, const struct xdpdrop_replay_opts *opts,
			struct xdpdrop_replay **out)
{
	LOG_SCOPE(&session->log);
	struct xdpdrop_replay_opts known;
	struct xdpdrop_replay *replay;
	int err = replay_check_opts(session, &known, opts);

	session_drop_refusal(session);
	err = err ? err : privilege_check(false, false, &session->log);
	err = err ? err : capture_maps_check_limits(&session->log);
	err = err ? err : replay_read_reasons(session, known.reasons);
	if (err)
		return err;
	replay = calloc(1, sizeof(*replay));
	if (!replay)
		return -ENOMEM;
	replay->session = session;
	replay->modified = known.modified;
	err = run_open(&replay->run, &known, &session->points, &session->place, &session->log);
	err = err ? err :
		    runner_open(&replay->runner, &replay->run, session->place.cpu, known.modified);
	if (err) {
		xdpdrop_replay_free(replay);
		return err;
	}
	replay->runner.first = true;
	*out = replay;
	return 0;
}

int xdpdrop_replay_share(struct xdpdrop_replay *replay, unsigned int job,
			 struct xdpdrop_replay **out)
{
	const struct log *log = &replay->session->log;
	struct xdpdrop_replay *shared;
	__u32 cpu;
	int err = place_join(replay->runner.run->place, job, &cpu, log);

	if (err)
		return err;
	shared = calloc(1, sizeof(*shared));
	if (!shared)
		return -ENOMEM;
	shared->session = replay->session;
	shared->shared = true;
	err = runner_open(&shared->runner, replay->runner.run, cpu, replay->modified);
	if (err) {
		xdpdrop_replay_free(shared);
		return err;
	}
	*out = shared;
	return 0;
}

static const char *replay_reason_name(struct xdpdrop_replay *replay,
				      const struct xdpdrop_replay_result *result)
{
	const struct point *point = (const struct point *)result->point;
	unsigned int renamed = replay->session->points.renamed;

	if (replay->last.point == result->point && replay->last.reason == result->reason &&
	    replay->last.renamed == renamed)
		return replay->last.name;
	replay->last.point = result->point;
	replay->last.reason = result->reason;
	replay->last.renamed = renamed;
	replay->last.name = reasons_name(&point->reasons, result->reason);
	return replay->last.name;
}

int xdpdrop_replay_run(struct xdpdrop_replay *replay, const struct xdpdrop_replay_frame *frame,
		       struct xdpdrop_replay_result *result)
{
	int err = frame->size != sizeof(*frame) || result->size != sizeof(*result) ?
			  -EINVAL :
			  runner_frame(&replay->runner, frame, result);

	if (err)
		return err;
	result->comment = NULL;
	result->reason_name = result->reason ? replay_reason_name(replay, result) : NULL;
	return 0;
}

const char *xdpdrop_replay_comment(const struct xdpdrop_replay *replay,
				   const struct xdpdrop_replay_result *result)
{
	return result->comment ? result->comment : replay_output_comment(replay->session, result);
}

int xdpdrop_replay_time(struct xdpdrop_replay *replay, const struct xdpdrop_replay_frame *frame,
			__u32 repeat, __u32 *ns)
{
	return frame->size != sizeof(*frame) || !repeat ?
		       -EINVAL :
		       runner_repeat(&replay->runner, frame, repeat, ns);
}

int xdpdrop_replay_begin(struct xdpdrop *session)
{
	return replay_output_begin(session);
}

int xdpdrop_replay_write(struct xdpdrop_replay *replay, const struct xdpdrop_replay_frame *frame,
			 const struct xdpdrop_replay_result *result)
{
	if (frame->size != sizeof(*frame) || result->size != sizeof(*result) ||
	    !replay->session->replay_output)
		return -EINVAL;
	return replay_output_write(replay->session, frame, result);
}

int xdpdrop_replay_end(struct xdpdrop *session)
{
	return session->replay_output ? sink_finish(&session->sink) : 0;
}

const struct xdpdrop_point *xdpdrop_replay_program(const struct xdpdrop_replay *replay)
{
	return &replay->session->points.point[replay->runner.run->point].info;
}

bool xdpdrop_replay_find_reason(const struct xdpdrop_replay *replay, const char *name,
				__u32 *reason)
{
	const struct points *points = &replay->session->points;
	__u64 number;

	for (unsigned int i = 0; i < replay->runner.run->hooks.count; i++) {
		const struct hook *hook = &replay->runner.run->hooks.hook[i];

		if (!reasons_number(&points->point[hook->point].reasons, name, UINT32_MAX, &number))
			continue;
		*reason = number;
		return true;
	}
	return false;
}

void xdpdrop_replay_free(struct xdpdrop_replay *replay)
{
	if (!replay)
		return;
	LOG_SCOPE(&replay->session->log);
	runner_close(&replay->runner);
	if (!replay->shared)
		run_close(&replay->run);
	free(replay);
}

// SPDX-License-Identifier: LGPL-2.1-only
/*
 * The wrap tap: wraps the program of an interface that has a single program, and the one that takes
 * its place.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <net/if.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "bpf/bpfinfo.h"
#include "process/lock.h"
#include "tap/wrap_check.h"
#include "tap/wrapper_attach.h"
#include "xdp/bpffs.h"

#define VANISH_LOOKS 10
#define VANISH_US 10000

/* A process that removes each wrapper at once is not to do so all the time. */
#define SHORT_NS 5000000000ULL
#define MAX_SHORT 5

struct tap_state {
	struct wrapper wrap; /* wrapper_id 0: nothing is wrapped, and a program is waited for */
	unsigned int point;
	__u32 record;	     /* number of its record in the journal */
	bool blocked;	     /* an interface above blocks changes, which was logged */
	bool lost;	     /* another process has taken the wrapper off, which was logged */
	bool waiting;	     /* the message that there is no program was logged */
	bool put_off;	     /* an error that may pass was logged */
	__u64 since;	     /* when it was wrapped, or when the wrapper was lost */
	unsigned int losses; /* of wrappers soon after they were attached, in succession */
};

/*
 * Remove a dead session's wrapper, which changes the pipeline. Its watchdog may have done this
 * after the pipeline was read and before the lock was taken.
 */
static int wrap_tap_clean_first(struct tap_context *context)
{
	__u32 pid, ifindex = context->pipeline.ifindex;
	int done = pipeline_read(&context->pipeline, NULL, ifindex, context->log);

	if (done)
		return done;
	done = wrapper_clean_interface(ifindex, context->pipeline.root_id, &pid, context->log);
	wrapper_remove_orphans(context->log);
	if (done == -EBUSY)
		return log_error(context->log, done,
				 "%s is in use by the xdpdrop session with pid %u",
				 context->pipeline.ifname, pid);
	if (done <= 0)
		return done;
	log_info(context->log, "%s: removed the wrapper that a dead session (pid %u) left",
		 context->pipeline.ifname, pid);
	return pipeline_read(&context->pipeline, NULL, ifindex, context->log);
}

static bool wrap_tap_has_sockets(__u32 id)
{
	CLEANUP_FD int program = bpf_prog_get_fd_by_id(id);
	__u32 maps[BPFINFO_MAX_MAPS];
	struct bpf_prog_info info;
	struct bpf_map_info map_info;

	if (program < 0 || bpfinfo_program(program, &info, maps))
		return false;
	for (__u32 i = 0; i < info.nr_map_ids; i++) {
		CLEANUP_FD int map = bpf_map_get_fd_by_id(maps[i]);

		if (map >= 0 && !bpfinfo_map(map, &map_info) &&
		    map_info.type == BPF_MAP_TYPE_XSKMAP)
			return true;
	}
	return false;
}

/* The end of the sockets' owner is not visible here. */
static void wrap_tap_warn_sockets(const struct tap_context *context,
				  const struct pipeline_program *root)
{
	if (wrap_tap_has_sockets(root->id))
		log_warn(context->log,
			 "%s (id %u) has AF_XDP sockets: a tool that ends during this session "
			 "cannot detach it by libxdp, and it stays on %s",
			 root->name, root->id, context->pipeline.ifname);
}

/* Wrap the root program. Errors are logged, but -ESTALE: it is not there any more. */
static int wrap_tap_put(const struct tap_context *context, struct tap_state *state)
{
	const struct pipeline_program *root = pipeline_root(&context->pipeline);
	struct xdpdrop_point info;
	int err, point;

	if (!root)
		return -ESTALE;
	info = tap_point(context, tap_wrap.name, root->id, root->name);
	point = points_add(context->points, &info, NULL);
	if (point < 0)
		return log_error(context->log, point,
				 "program %s (id %u) on %s is not followed: there is room for "
				 "%d hooks and programs",
				 root->name, root->id, context->pipeline.ifname,
				 XDPDROP_MAX_POINTS);
	state->point = point;
	err = wrapper_attach(context, &state->wrap, &state->record, root->id, point);
	if (err) {
		state->wrap = WRAPPER_NONE;
		points_close(context->points, point);
		return err;
	}
	state->since = clock_monotonic();
	wrap_tap_warn_sockets(context, root);
	return 0;
}

static int wrap_tap_arm(struct tap_context *context, struct tap_state *state)
{
	CLEANUP_FD int lock = lock_take_unless(context->interrupt, context->log);
	int err;

	state->wrap = WRAPPER_NONE;
	err = lock == -EINTR ? lock : wrap_tap_clean_first(context);
	if (err)
		return err;
	if (!pipeline_root(&context->pipeline))
		return log_error(context->log, -ENOENT, "no XDP program is attached to %s",
				 context->pipeline.ifname);
	err = wrap_tap_put(context, state);
	if (err == -ESTALE)
		log_error(context->log, err,
			  "another process changed the program on %s just now; start again",
			  context->pipeline.ifname);
	return err;
}

/* The kernel detaches programs some time before a deleted interface disappears. */
static bool wrap_tap_is_vanishing(__u32 ifindex)
{
	char name[IF_NAMESIZE];

	for (int look = 0; look < VANISH_LOOKS; look++) {
		if (!if_indextoname(ifindex, name))
			return true;
		usleep(VANISH_US);
	}
	return false;
}

/* Warn once each time the wrapper becomes impossible to remove. */
static void wrap_tap_warn_of_above(const struct tap_context *context, struct tap_state *state)
{
	const struct pipeline *pipeline = &context->pipeline;
	char why[256];
	bool blocked;

	if (!pipeline->devices_read)
		return;
	blocked = root_slot_explain_blocked(pipeline->ifindex, why, sizeof(why));
	if (blocked && !state->blocked)
		log_warn(context->log,
			 "the program of %s may have to stay behind its wrapper when the session "
			 "ends: %s",
			 pipeline->ifname, why);
	state->blocked = blocked;
}

/* With the lock. What the kernel refuses now is left to the watchdog. */
static void wrap_tap_remove(struct tap_context *context, struct tap_state *state,
			    const struct log *log)
{
	if (wrapper_undo(&state->wrap, log) != -EEXIST)
		watchdog_withdraw(context->watchdog, &state->record);
}

static void wrap_tap_undo(struct tap_context *context, struct tap_state *state)
{
	CLEANUP_FD int lock = -1;

	if (!state->record)
		return;
	lock = lock_take(context->log);
	wrap_tap_remove(context, state, context->log);
}

static void wrap_tap_count_loss(const struct tap_context *context, struct tap_state *state)
{
	__u64 now = clock_monotonic();

	state->losses = now - state->since < SHORT_NS ? state->losses + 1 : 0;
	state->since = now;
	if (state->losses == MAX_SHORT)
		log_warn(context->log,
			 "other processes have taken the wrapper off %s %d times in succession: a "
			 "program is followed %llu seconds later from now on",
			 context->pipeline.ifname, MAX_SHORT, SHORT_NS / 1000000000);
}

/* The wrapper is no longer attached. */
static int wrap_tap_lose(struct tap_context *context, struct tap_state *state)
{
	const struct pipeline_program *root = pipeline_root(&context->pipeline);
	const struct xdpdrop_point *point = &context->points->point[state->point].info;
	const __u32 root_id = context->pipeline.root_id;

	points_close(context->points, state->point);
	if (!root_id && wrap_tap_is_vanishing(context->pipeline.ifindex))
		return log_error(context->log, -ENODEV,
				 "interface %s has gone, and is followed no more", point->ifname);
	if (root_id)
		log_warn(context->log,
			 "another process has replaced the program on %s by %s (id %u), and %s (id "
			 "%u) is followed no more",
			 point->ifname, root ? root->name : "another one", root_id, point->program,
			 point->program_id);
	else
		log_warn(context->log,
			 "another process has detached the program from %s, and %s (id %u) is "
			 "followed no more",
			 point->ifname, point->program, point->program_id);
	wrap_tap_count_loss(context, state);
	state->lost = true;
	return 0;
}

/* With the lock: nothing stays of a lost wrapper. */
static void wrap_tap_let_go(struct tap_context *context, struct tap_state *state)
{
	wrap_tap_remove(context, state, NULL);
	wrapper_close(&state->wrap);
	state->wrap = WRAPPER_NONE;
	state->blocked = state->lost = false;
}

static int wrap_tap_wait(const struct tap_context *context, struct tap_state *state)
{
	if (!state->waiting)
		log_warn(context->log, "there is no program to follow on %s; waiting for one",
			 context->pipeline.ifname);
	state->waiting = true;
	return 0;
}

/* The program was replaced after the pipeline was read. */
static bool wrap_tap_is_late(const struct tap_context *context)
{
	CLEANUP_FD int root = bpf_prog_get_fd_by_id(context->pipeline.root_id);

	return root < 0 && errno == ENOENT;
}

static bool wrap_tap_may_pass(int error)
{
	return error == -ENOMEM || error == -EMFILE || error == -ENFILE || error == -EAGAIN ||
	       error == -EINTR || error == -EBUSY;
}

/* With the lock: wrap what is there now. Later attempts are silent. */
static int wrap_tap_take_up(struct tap_context *context, struct tap_state *state)
{
	const struct pipeline_program *root;
	char why[512];
	int err = wrap_tap_clean_first(context);

	root = pipeline_root(&context->pipeline);
	if (err || !root)
		return err ? err : -ESTALE;
	if (!pipeline_selects(context->opts->program, root->id, root->name))
		return -ESRCH;
	err = wrap_check(context, why, sizeof(why));
	if (!err)
		return wrap_tap_put(context, state);
	if (wrap_tap_is_late(context))
		return -ESTALE;
	log_error(context->log, err, "%s (id %u) stays attached to %s, and is not followed: %s",
		  root->name, root->id, context->pipeline.ifname, why);
	return wrap_tap_may_pass(err) ? err : -EOPNOTSUPP;
}

static int wrap_tap_follow(struct tap_context *context, struct tap_state *state)
{
	const struct log *log = context->log;
	int err;

	context->log = state->put_off ? NULL : log;
	err = wrap_tap_take_up(context, state);
	context->log = log;
	/* the next look finds another program, or that the interface has gone */
	if (err == -ESTALE || err == -ENODEV)
		return 0;
	if (err == -ESRCH)
		return wrap_tap_wait(context, state);
	state->put_off = wrap_tap_may_pass(err);
	if (err)
		return state->put_off ? 0 : -ESTALE;
	state->waiting = false;
	log_warn(log, "program %s (id %u) on %s is followed from now on",
		 context->points->point[state->point].info.program, state->wrap.target_id,
		 context->pipeline.ifname);
	return 0;
}

/* Reading records must not wait for a process that arms. The next resync tries again. */
static int wrap_tap_change(struct tap_context *context, struct tap_state *state)
{
	CLEANUP_FD int lock = -1;
	int err = state->wrap.wrapper_id && !state->lost ? wrap_tap_lose(context, state) : 0;

	if (err)
		return err;
	lock = lock_try();
	if (lock == -EWOULDBLOCK)
		return 0;
	if (state->lost)
		wrap_tap_let_go(context, state);
	if (!context->pipeline.root_id)
		return wrap_tap_wait(context, state);
	if (state->losses >= MAX_SHORT && clock_monotonic() - state->since < SHORT_NS)
		return 0;
	return wrap_tap_follow(context, state);
}

static int wrap_tap_resync(struct tap_context *context, struct tap_state *state)
{
	if (!state->wrap.wrapper_id || state->lost ||
	    context->pipeline.root_id != state->wrap.wrapper_id)
		return wrap_tap_change(context, state);
	wrap_tap_warn_of_above(context, state);
	return wrapper_keep_pin(&state->wrap, context->log);
}

static void wrap_tap_close(struct tap_state *state)
{
	wrapper_close(&state->wrap);
}

static void wrap_tap_keep(const struct tap_state *state, struct fd_list *list)
{
	fd_list_add(list, state->wrap.wrapper_fd);
	fd_list_add(list, state->wrap.target_fd);
	fd_list_add(list, state->wrap.map_fd);
}

const struct tap tap_wrap = {
	.name = "wrap",
	.state_size = sizeof(struct tap_state),
	.shows = TAP_SHOWS_ROOT,
	.check = wrap_check,
	.arm = wrap_tap_arm,
	.resync = wrap_tap_resync,
	.undo = wrap_tap_undo,
	.close = wrap_tap_close,
	.keep = wrap_tap_keep,
};

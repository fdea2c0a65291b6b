// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Prepares and ends the runs of one program. What is loaded for a replay is known to nobody else
 * and goes with this process. In the hooks of a live program the capture programs stay, so that a
 * watchdog has to remove them if this process is killed.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "bpf/lease.h"
#include "bpf/rcu_wait.h"
#include "process/lock.h"
#include "replay/run.h"

#define RUN_BUFFER_KIB 256 /* the least: nothing is recorded */
#define RUN_SNAPLEN 1	   /* the bytes are known */
#define RUN_LINKTYPE_ETHERNET 1
#define RUN_LOOPBACK 1
/* Around the linear part of a frame, which is in one page: headroom and the kernel's own data. */
#define RUN_PAGE_OVERHEAD 576

/* Frames are noted in the states of CPUs. */
static int run_leave_ring(void *data, __u32 cpu, int fd, size_t size)
{
	(void)data;
	(void)cpu;
	(void)fd;
	(void)size;
	return 0;
}

/* Linux 5.14 and later take a context. The program is the one that extends the lease. */
static bool run_takes_context(const struct run *run)
{
	static const char frame[64];
	struct xdp_md md = { .data_end = sizeof(frame), .ingress_ifindex = run->place->ifindex };
	LIBBPF_OPTS(bpf_test_run_opts, test, .data_in = frame, .data_size_in = sizeof(frame),
		    .ctx_in = &md, .ctx_size_in = sizeof(md), .repeat = 1);

	return !bpf_prog_test_run_opts(run->maps.lease_fd, &test);
}

/*
 * Without a context, the kernel takes the loopback interface of the namespace. That saves a sixth
 * of the time of a frame.
 */
static int run_choose_interface(struct run *run, const struct xdpdrop_replay_opts *opts)
{
	struct pipeline *pipeline = &run->context.pipeline;
	bool other = run->place->ifindex != RUN_LOOPBACK;

	run->with_context = other && run_takes_context(run);
	if (other && !run->with_context && opts->ifname)
		return log_error(run->log, -EOPNOTSUPP,
				 "this kernel cannot run a program as of an interface (Linux 5.14 "
				 "or later can)");
	if (other && !run->with_context)
		log_info(run->log, "this kernel runs programs as of the loopback interface");
	pipeline->ifindex = run->with_context ? run->place->ifindex : RUN_LOOPBACK;
	memcpy(pipeline->ifname, run->with_context ? run->place->ifname : "lo",
	       run->with_context ? sizeof(pipeline->ifname) : sizeof("lo"));
	pipeline->root_ifindex = pipeline->ifindex;
	pipeline->device.link_type = RUN_LINKTYPE_ETHERNET;
	pipeline->lower.count = 0;
	return 0;
}

static int run_add_point(struct run *run)
{
	const struct pipeline_program *root = run->context.pipeline.programs;
	struct xdpdrop_point point = tap_point(&run->context, "replay", root->id, root->name);
	struct reasons reasons = { 0 };
	int index = points_add(run->context.points, &point, &reasons);

	if (index < 0)
		return log_error(run->log, index, "too many programs and hooks");
	run->point = index;
	return 0;
}

static int run_guard(struct run *run)
{
	const struct journal_record record = { .kind = JOURNAL_LEASE,
					       .lease = { .lease_fd = run->maps.lease_fd,
							  .control_fd = run->maps.control_fd,
							  .pid = getpid() } };
	__u32 number = 0;
	int err = watchdog_write(&run->watchdog, &number, &record);

	if (!err)
		watchdog_keep(&run->watchdog, run->log);
	return err;
}

/*
 * Exits show which member of a dispatcher decided. They come before hooks, which then mark the
 * frames that they have recorded.
 */
static int run_arm_exits(struct run *run)
{
	char why[512];
	int err;

	if (!run->context.pipeline.dispatcher)
		return 0;
	if (tap_exit.check(&run->context, why, sizeof(why))) {
		log_warn(run->log, "which member of the dispatcher decides is not known: %s", why);
		return 0;
	}
	run->context.combined = run->context.tag_hooks = true;
	err = tap_arm(&tap_exit, &run->context, &run->exits);
	if (err == -ENOMEM || err == -EPERM)
		return err;
	if (err)
		log_warn(run->log, "which member of the dispatcher decides is not known");
	run->context.combined = run->context.tag_hooks = !err;
	return 0;
}

/* A hook that another capture uses is left alone: the frames then have no reasons. */
static int run_arm_hooks(struct run *run)
{
	int err;

	run->hooks.kinds = HOOKS_EXIT | HOOKS_TAG;
	err = hook_set_arm(&run->context, &run->hooks);
	if (err == -ENOMEM || err == -EPERM)
		return err;
	if (err)
		log_warn(run->log, "frames of that hook are replayed without reasons");
	return 0;
}

static int run_arm(struct run *run)
{
	CLEANUP_FD int lock = -1;
	int err = run->target.object ? 0 : run_guard(run);

	if (err)
		return log_error(run->log, err, "cannot start the watchdog: %s", strerror(-err));
	if (!run->target.object)
		lock = lock_take(run->log);
	err = run_arm_exits(run);
	err = err ? err : run_arm_hooks(run);
	run->armed = run->exits || run->hooks.count;
	return err;
}

int run_open(struct run *run, const struct xdpdrop_replay_opts *opts, struct points *points,
	     struct place *place, const struct log *log)
{
	const char *ifname = opts->ifname;
	int err;

	*run = (struct run){ .log = log,
			     .place = place,
			     .longest = sysconf(_SC_PAGESIZE) - RUN_PAGE_OVERHEAD,
			     .target = TARGET_NONE,
			     .maps = CAPTURE_MAPS_NONE,
			     .watchdog = WATCHDOG_NONE };
	run->opts.buffer_kib = RUN_BUFFER_KIB;
	run->opts.snaplen = RUN_SNAPLEN;
	run->opts.actions = opts->actions ? opts->actions : 1U << XDP_ABORTED | 1U << XDP_DROP;
	run->context = (struct tap_context){ .log = log,
					     .opts = &run->opts,
					     .maps = &run->maps,
					     .points = points,
					     .filters = &run->filters,
					     .watchdog = &run->watchdog };
	if (!ifname && target_is_interface(opts))
		ifname = opts->program;
	err = target_open(&run->target, opts, log);
	err = err ? err : place_enter(place, ifname, opts->one_queue, log);
	if (err)
		return err;
	run->placed = true;
	run->context.pipeline = run->target.pipeline;
	err = capture_maps_create(&run->maps, &run->opts, run_leave_ring, NULL, log);
	run->maps.replaying = run->target.object ? XDPDROP_REPLAY_OWN : XDPDROP_REPLAY_SHARED;
	err = err ? err : run_choose_interface(run, opts);
	err = err ? err : run_add_point(run);
	return err ? err : run_arm(run);
}

static void run_disarm(struct run *run)
{
	CLEANUP_FD int lock = -1;

	if (run->hooks.count && !run->target.object)
		lock = lock_take(run->log);
	hook_set_undo(&run->context, &run->hooks);
	if (!run->exits)
		return;
	tap_exit.undo(&run->context, run->exits);
	tap_exit.close(run->exits);
	tap_free(&tap_exit, run->exits);
	run->exits = NULL;
}

void run_close(struct run *run)
{
	run_disarm(run);
	hook_set_close(&run->hooks);
	hook_set_free(&run->hooks);
	watchdog_end(&run->watchdog);
	if (run->maps.control)
		lease_end(run->maps.control);
	if (!run->target.object)
		rcu_wait();
	capture_maps_destroy(&run->maps);
	target_close(&run->target);
	if (run->placed)
		place_leave(run->place);
	run->placed = false;
}

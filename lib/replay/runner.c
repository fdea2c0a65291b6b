// SPDX-License-Identifier: LGPL-2.1-only
/*
 * The path of each frame: one system call, and a look at the state of this CPU. A note is there
 * when the call returns. The call is kept prepared: libbpf would check and copy it for each frame.
 */
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "replay/runner.h"

#define RUNNER_ETHERNET_HEADER 14
#define RUNNER_LOOK 4096	    /* frames between looks at the watchdog */
#define RUNNER_OUT_BYTES (1U << 18) /* room for a frame */
#define RUNNER_CALL_BYTES (offsetof(union bpf_attr, test) + sizeof(((union bpf_attr *)0)->test))

/* The hooks of a live program are to be emptied even if this process is killed. */
static void runner_keep_watchdog(struct runner *runner)
{
	struct run *run = runner->run;

	if (runner->first && !run->target.object && !(++runner->frames % RUNNER_LOOK))
		watchdog_keep(&run->watchdog, run->log);
}

/*
 * @before: number of notes before the run. A note of another verdict is from a member of a
 * dispatcher that did not decide.
 */
static void runner_find_reason(const struct runner *runner, __u64 before,
			       struct xdpdrop_replay_result *result)
{
	const struct run *run = runner->run;
	const volatile struct xdpdrop_note *note = runner->note;
	__u32 verdict = result->action > XDP_REDIRECT ? XDP_ABORTED : result->action;
	bool noted = note->count != before && note->action == verdict;
	unsigned int point = noted ? note->point : run->point;

	result->reason = noted ? note->reason : 0;
	result->rule = noted ? note->rule : 0;
	result->point = &run->context.points->point[point].info;
}

static int runner_check_length(const struct run *run, __u32 length)
{
	if (length < RUNNER_ETHERNET_HEADER)
		return -ERANGE;
	if (length > run->longest && !run->target.frags)
		return -EMSGSIZE;
	return 0;
}

/* Point the call at @frame. */
static void runner_set_frame(struct runner *runner, const struct xdpdrop_replay_frame *frame)
{
	runner->call.test.data_in = (uintptr_t)frame->data;
	runner->call.test.data_size_in = frame->caplen;
	runner->md.data_end = frame->caplen;
	runner->md.rx_queue_index = runner->run->with_context ? frame->rx_queue : 0;
}

/* The kernel replaces the room for the frame by its length. */
static int runner_call(struct runner *runner)
{
	runner->call.test.data_size_out = runner->call.test.data_out ? RUNNER_OUT_BYTES : 0;
	return syscall(SYS_bpf, BPF_PROG_TEST_RUN, &runner->call, RUNNER_CALL_BYTES) ? -errno : 0;
}

/* Run once more as of queue 0 if the interface lacks the queue: the error does not say which. */
static int runner_test(struct runner *runner)
{
	int err = runner_call(runner);

	if (err == -EINVAL && runner->md.rx_queue_index) {
		runner->md.rx_queue_index = 0;
		err = runner_call(runner);
	}
	return err;
}

static int runner_explain(const struct run *run, int err, __u32 length)
{
	const struct pipeline_program *program = run->target.pipeline.programs;

	if (length > run->longest / 2 && (err == -EINVAL || err == -ENOMEM))
		return -E2BIG;
	if (err == -EINTR)
		return err;
	return log_error(run->log, err,
			 "the kernel does not run program %s (id %u) over a frame: %s%s",
			 program->name, program->id, strerror(-err),
			 err == -EINVAL ?
				 " (programs in a devmap or cpumap, and those of a device, "
				 "have no test runs)" :
				 "");
}

static void runner_prepare_call(struct runner *runner)
{
	runner->call.test.prog_fd = runner->run->target.fd;
	runner->call.test.data_out = (uintptr_t)runner->out;
	runner->call.test.repeat = 1;
	if (!runner->run->with_context)
		return;
	runner->md.ingress_ifindex = runner->run->context.pipeline.ifindex;
	runner->call.test.ctx_in = (uintptr_t)&runner->md;
	runner->call.test.ctx_size_in = sizeof(runner->md);
}

int runner_frame(struct runner *runner, const struct xdpdrop_replay_frame *frame,
		 struct xdpdrop_replay_result *result)
{
	int err = runner_check_length(runner->run, frame->caplen);
	__u64 before;

	if (err)
		return err;
	runner_keep_watchdog(runner);
	runner_set_frame(runner, frame);
	before = runner->note->count;
	err = runner_test(runner);
	if (err)
		return runner_explain(runner->run, err, frame->caplen);
	result->flags = runner->md.rx_queue_index == frame->rx_queue ? 0 : XDPDROP_REPLAY_QUEUE_0;
	result->action = runner->call.test.retval;
	runner_find_reason(runner, before, result);
	result->ns = runner->call.test.duration;
	result->data = runner->out;
	result->len = runner->call.test.data_size_out;
	return 0;
}

int runner_repeat(struct runner *runner, const struct xdpdrop_replay_frame *frame, __u32 repeat,
		  __u32 *ns)
{
	int err = runner_check_length(runner->run, frame->caplen);

	if (err)
		return err;
	runner_set_frame(runner, frame);
	runner->call.test.repeat = repeat;
	runner->call.test.data_out = 0; /* the frame of the first run stays there */
	err = runner_test(runner);
	runner_prepare_call(runner);
	if (err)
		return runner_explain(runner->run, err, frame->caplen);
	*ns = runner->call.test.duration;
	return 0;
}

int runner_open(struct runner *runner, struct run *run, __u32 cpu, bool modified)
{
	int err = 0;

	*runner = (struct runner){ .run = run };
	if (cpu >= run->maps.cpus)
		err = -ENODEV;
	else
		runner->note = &run->maps.states[cpu].note;
	if (!err && modified && !(runner->out = malloc(RUNNER_OUT_BYTES)))
		err = -ENOMEM;
	if (err)
		return log_error(run->log, err, "cannot run frames on CPU %u: %s", cpu,
				 strerror(-err));
	runner_prepare_call(runner);
	return 0;
}

void runner_close(struct runner *runner)
{
	free(runner->out);
	runner->out = NULL;
}

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a monitor does with sampled frames beside showing them: events, and sFlow.
 */
#ifndef XDPDROP_LOADER_MONITOR_OUTPUTS_H
#define XDPDROP_LOADER_MONITOR_OUTPUTS_H

#include "count/monitor_samples.h"
#include "count/monitor_table.h"
#include "monitor/monitor_options.h"
#include "publish/events.h"
#include "publish/sflow_send.h"

struct monitor_outputs {
	struct events events;
	struct sflow_send sflow;
};

/*
 * Open what @options ask for, and add it to @samples, before the session is activated. 0, or -errno
 * after a message, -EINVAL: misuse.
 */
int monitor_outputs_open(struct monitor_outputs *outputs, const struct monitor_options *options,
			 struct monitor_samples *samples, struct report *report);

/* The samples are those of @session. */
void monitor_outputs_follow(struct monitor_outputs *outputs, struct xdpdrop *session);

/* Write and send what is due. 0, or -EPIPE: the reader of events on standard output has gone. */
int monitor_outputs_tick(struct monitor_outputs *outputs);

/* The session has stopped: write and send the rest, and close. 0, or an error of events. */
int monitor_outputs_close(struct monitor_outputs *outputs);

/* Fill @sent. */
void monitor_outputs_count(const struct monitor_outputs *outputs, struct monitor_sent *sent);

/* Lines of the summary, for what @options ask for. */
void monitor_outputs_print(FILE *stream, const struct monitor_options *options,
			   const struct monitor_sent *sent);

#endif

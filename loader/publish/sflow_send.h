/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sends sampled frames, and counters of their interfaces, to an sFlow collector. A collector that
 * does not receive ends nothing.
 */
#ifndef XDPDROP_LOADER_SFLOW_SEND_H
#define XDPDROP_LOADER_SFLOW_SEND_H

#include <stdbool.h>
#include <xdpdrop/sflow.h>

#include "common/report.h"

#define SFLOW_RATE 100				  /* default budget, in samples a second */
#define SFLOW_SUB_AGENT_OF_INTERFACE (1ULL << 32) /* no sub_agent_id has more than 32 bits */

/* Strings are borrowed. */
struct sflow_send_options {
	const char *collector; /* HOST, HOST:PORT, [ADDRESS]:PORT; NULL: nothing is sent */
	const char *agent;     /* an address; NULL: that from which datagrams are sent */
	const char *netns;     /* of the interfaces; NULL: this process's */
	__u64 sub_agent;       /* SFLOW_SUB_AGENT_OF_INTERFACE: the index of the first one */
	__u32 rate;	       /* most samples a second, 0: SFLOW_RATE */
	bool discard;	       /* as discarded_packet */
};

struct sflow_send {
	struct xdpdrop_sflow *encoder; /* NULL: nothing was sent so far */
	struct xdpdrop_sflow_agent agent;
	bool sub_agent_of_interface; /* once there is one */
	struct xdpdrop *session;
	struct report *report;
	char name[128];	  /* of the collector, for messages */
	int fd, counters; /* -1: nothing is sent */
	__u32 rate;
	__u64 start_ns, filled_ns, counted_ns; /* start; budget filled; counters sent */
	double budget;			       /* samples that may be sent now */
	unsigned int pending;		       /* samples of frames in the datagram */
	unsigned int last;		       /* in the datagram sent before */
	__u64 sent;			       /* samples of frames */
	__u64 over_budget, failed;
	__u64 over[256];  /* of over_budget, by capture point */
	__u64 taken[256]; /* frames, by capture point */
	bool refused;	  /* reported */
};

/* Resolve the collector's name and open the sockets. Returns 0 or -errno with @why filled. */
int sflow_send_open(struct sflow_send *sender, const struct sflow_send_options *options,
		    const char **why);

/* An xdpdrop_record_fn, which never fails; @sender: a struct sflow_send. */
int sflow_send_take(void *sender, const struct xdpdrop_point *point,
		    const struct xdpdrop_record *record, __u64 realtime_ns);

/* Send what is pending, and from time to time counters. sFlow wants it at least each second. */
void sflow_send_flush(struct sflow_send *sender);

void sflow_send_close(struct sflow_send *sender);

#endif

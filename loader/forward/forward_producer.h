/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Writes events to a topic, and counts what became of each. All functions are for one thread:
 * librdkafka's threads call nothing here.
 */
#ifndef XDPDROP_FORWARD_PRODUCER_H
#define XDPDROP_FORWARD_PRODUCER_H

#include <librdkafka/rdkafka.h>

#include "forward/forward_event.h"
#include "forward/forward_log.h"

#define FORWARD_KINDS_MAX 16

struct forward_producer {
	rd_kafka_t *handle;
	const char *topic;
	struct forward_count *count;
	bool gone;	  /* no broker can be reached */
	bool fatal;	  /* librdkafka cannot go on */
	bool verbose;	  /* print its log */
	char reason[256]; /* the last trouble with one broker */
	bool reason_said; /* it has been printed */
	/* what events failed by; those beyond are counted with the last one */
	struct {
		rd_kafka_resp_err_t err;
		__u64 events;
	} kind[FORWARD_KINDS_MAX];
	unsigned int kinds;
};

/* Takes @conf. Returns 0 or -EINVAL after a message. Starts threads. */
int forward_producer_open(struct forward_producer *producer, rd_kafka_conf_t *conf,
			  const char *topic, struct forward_count *count, bool verbose);

/*
 * Queue an event whose text is @value. False: the queue is full. Otherwise it will be counted as
 * delivered or failed, or has been counted as failed.
 */
bool forward_producer_send(struct forward_producer *producer, const struct forward_event *event,
			   const char *value, size_t length);

/* An event that was not queued has failed. */
void forward_producer_give_up(struct forward_producer *producer);

/* Take notice of what has been delivered, or wait up to @timeout_ms for something. */
void forward_producer_poll(struct forward_producer *producer, int timeout_ms);

/* Events that are neither delivered nor failed. */
bool forward_producer_waits(const struct forward_producer *producer);

/* What is in the queue has failed. */
void forward_producer_purge(struct forward_producer *producer);

/* Print what events failed by. */
void forward_producer_explain(const struct forward_producer *producer);

void forward_producer_close(struct forward_producer *producer);

#endif

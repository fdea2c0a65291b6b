// SPDX-License-Identifier: GPL-2.0-only
/*
 * librdkafka calls back from rd_kafka_poll() alone: its log and its errors take that way, too.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/text.h"
#include "forward/forward_producer.h"

#define PURGE_MS 5000

/* The first event that fails by an error prints it. */
static void forward_count_failed(struct forward_producer *producer, rd_kafka_resp_err_t err)
{
	unsigned int i = 0;

	while (i < producer->kinds && producer->kind[i].err != err)
		i++;
	if (i == producer->kinds && i < FORWARD_KINDS_MAX) {
		producer->kind[producer->kinds++].err = err;
		if (err != RD_KAFKA_RESP_ERR__PURGE_QUEUE &&
		    err != RD_KAFKA_RESP_ERR__PURGE_INFLIGHT)
			forward_say("an event is not delivered to '%s': %s", producer->topic,
				    rd_kafka_err2str(err));
	}
	producer->kind[i < FORWARD_KINDS_MAX ? i : i - 1].events++;
	producer->count->failed++;
}

static void forward_on_delivery(rd_kafka_t *handle, const rd_kafka_message_t *message, void *opaque)
{
	struct forward_producer *producer = opaque;

	(void)handle;
	if (message->err) {
		forward_count_failed(producer, message->err);
		return;
	}
	producer->count->delivered++;
	if (producer->gone)
		forward_say("brokers are back: events are delivered again");
	producer->gone = false;
}

static void forward_on_all_gone(struct forward_producer *producer)
{
	const char *reason = producer->reason_said ? "" : producer->reason;

	if (!producer->gone)
		forward_say("no broker can be reached%s%s; events wait in the queue, and it is "
			    "tried again",
			    *reason ? ": " : "", reason);
	producer->gone = true;
}

static void forward_on_error(rd_kafka_t *handle, int err, const char *reason, void *opaque)
{
	struct forward_producer *producer = opaque;
	char why[512] = "";

	switch (err) {
	case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
		forward_on_all_gone(producer);
		return;
	case RD_KAFKA_RESP_ERR__FATAL:
		rd_kafka_fatal_error(handle, why, sizeof(why));
		forward_say("librdkafka cannot go on: %s; start xdpdrop-forward again", why);
		producer->fatal = true;
		return;
	default:
		break;
	}
	if (!strcmp(producer->reason, reason))
		return;
	snprintf(producer->reason, sizeof(producer->reason), "%s", reason);
	/* a connection that ends is no trouble while there are others */
	producer->reason_said = err != RD_KAFKA_RESP_ERR__TRANSPORT && !producer->gone;
	if (producer->reason_said)
		forward_say("%s", reason);
}

static void forward_on_log(const rd_kafka_t *handle, int level, const char *facility,
			   const char *text)
{
	const struct forward_producer *producer = rd_kafka_opaque(handle);

	(void)level;
	if (producer->verbose)
		forward_say("librdkafka: %s: %s", facility, text);
}

static int forward_refuse(rd_kafka_conf_t *conf, const char *why)
{
	forward_say("librdkafka does not start: %s", why);
	if (conf)
		rd_kafka_conf_destroy(conf);
	return -EINVAL;
}

int forward_producer_open(struct forward_producer *producer, rd_kafka_conf_t *conf,
			  const char *topic, struct forward_count *count, bool verbose)
{
	char why[512] = "";

	*producer = (struct forward_producer){ .topic = topic, .count = count, .verbose = verbose };
	rd_kafka_conf_set_opaque(conf, producer);
	rd_kafka_conf_set_dr_msg_cb(conf, forward_on_delivery);
	rd_kafka_conf_set_error_cb(conf, forward_on_error);
	rd_kafka_conf_set_log_cb(conf, forward_on_log);
	if (rd_kafka_conf_set(conf, "log.queue", "true", why, sizeof(why)) != RD_KAFKA_CONF_OK)
		return forward_refuse(conf, why);
	producer->handle = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof(why));
	if (!producer->handle)
		return forward_refuse(conf, why);
	rd_kafka_set_log_queue(producer->handle, NULL);
	return 0;
}

/* An event without host has no header. */
static rd_kafka_resp_err_t forward_produce(struct forward_producer *producer,
					   const struct forward_event *event, const char *value,
					   size_t length)
{
	rd_kafka_headers_t *headers = event->host[0] ? rd_kafka_headers_new(1) : NULL;
	rd_kafka_resp_err_t err;

	if (headers)
		rd_kafka_header_add(headers, "host", -1, event->host, -1);
	err = rd_kafka_producev(producer->handle, RD_KAFKA_V_TOPIC(producer->topic),
				RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
				RD_KAFKA_V_KEY(event->key, strlen(event->key)),
				RD_KAFKA_V_VALUE((void *)value, length),
				RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_END);
	if (err && headers)
		rd_kafka_headers_destroy(headers);
	return err;
}

bool forward_producer_send(struct forward_producer *producer, const struct forward_event *event,
			   const char *value, size_t length)
{
	rd_kafka_resp_err_t err = forward_produce(producer, event, value, length);

	if (err == RD_KAFKA_RESP_ERR__QUEUE_FULL)
		return false;
	if (err)
		forward_count_failed(producer, err);
	return true;
}

void forward_producer_give_up(struct forward_producer *producer)
{
	forward_count_failed(producer, RD_KAFKA_RESP_ERR__QUEUE_FULL);
}

void forward_producer_poll(struct forward_producer *producer, int timeout_ms)
{
	rd_kafka_poll(producer->handle, timeout_ms);
}

bool forward_producer_waits(const struct forward_producer *producer)
{
	const struct forward_count *count = producer->count;

	return count->read != count->delivered + count->failed + count->bad;
}

void forward_producer_purge(struct forward_producer *producer)
{
	rd_kafka_purge(producer->handle, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
	for (int waited = 0; forward_producer_waits(producer) && waited < PURGE_MS; waited += 100)
		rd_kafka_poll(producer->handle, 100);
}

void forward_producer_explain(const struct forward_producer *producer)
{
	for (unsigned int i = 0; i < producer->kinds; i++) {
		rd_kafka_resp_err_t err = producer->kind[i].err;
		bool unsent = err == RD_KAFKA_RESP_ERR__PURGE_QUEUE;
		bool unsure = err == RD_KAFKA_RESP_ERR__PURGE_INFLIGHT;

		forward_say("%" PRIu64 " event%s failed: %s", (uint64_t)producer->kind[i].events,
			    producer->kind[i].events == 1 ? "" : "s",
			    unsent ? "still in the queue at the end" :
			    unsure ? "sent, and not acknowledged by a broker before the end" :
				     rd_kafka_err2str(err));
	}
}

/* With events failed, a thread may wait for a name server: nothing waits for that one. */
void forward_producer_close(struct forward_producer *producer)
{
	if (producer->handle && !producer->count->failed)
		rd_kafka_destroy(producer->handle);
	producer->handle = NULL;
}

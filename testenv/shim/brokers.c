// SPDX-License-Identifier: GPL-2.0-only
/*
 * A cluster of three Kafka brokers on loopback, by librdkafka's mock. Prints their addresses, then
 * does what lines of standard input ask for, and answers each with "ok":
 *
 *   down | up            all brokers
 *   down N | up N        broker N, 1 to 3
 *   errors N CODE        the next N requests to produce fail with this code of the protocol
 *   slow MS              answers take so long
 *
 * Ends with standard input.
 */
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BROKERS 3
#define PRODUCE 0
#define ERRORS_MAX 1000

static rd_kafka_mock_cluster_t *cluster;

static void fail(const char *what)
{
	fprintf(stderr, "brokers: %s\n", what);
	exit(1);
}

static void change(const char *how, int broker, int value)
{
	rd_kafka_resp_err_t err;

	if (!strcmp(how, "down"))
		err = rd_kafka_mock_broker_set_down(cluster, broker);
	else if (!strcmp(how, "up"))
		err = rd_kafka_mock_broker_set_up(cluster, broker);
	else
		err = rd_kafka_mock_broker_set_rtt(cluster, broker, value);
	if (err)
		fail(rd_kafka_err2str(err));
}

static void change_all(const char *how, int value)
{
	for (int broker = 1; broker <= BROKERS; broker++)
		change(how, broker, value);
}

static void push_errors(int count, int code)
{
	rd_kafka_resp_err_t errors[ERRORS_MAX];

	if (count > ERRORS_MAX)
		fail("too many errors");
	for (int i = 0; i < count; i++)
		errors[i] = code;
	rd_kafka_mock_push_request_errors_array(cluster, PRODUCE, count, errors);
}

static void obey(char *line)
{
	int first, second, words;
	char how[16];

	words = sscanf(line, "%15s %d %d", how, &first, &second);
	if (words == 3 && !strcmp(how, "errors"))
		push_errors(first, second);
	else if (words == 2 && !strcmp(how, "slow"))
		change_all(how, first);
	else if (words == 2 && (!strcmp(how, "down") || !strcmp(how, "up")))
		change(how, first, 0);
	else if (words == 1 && (!strcmp(how, "down") || !strcmp(how, "up")))
		change_all(how, 0);
	else
		fail(line);
	puts("ok");
}

int main(void)
{
	char why[256], line[256];
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	rd_kafka_t *handle;

	handle = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof(why));
	if (!handle)
		fail(why);
	cluster = rd_kafka_mock_cluster_new(handle, BROKERS);
	if (!cluster)
		fail("no cluster");
	setvbuf(stdout, NULL, _IOLBF, 0);
	puts(rd_kafka_mock_cluster_bootstraps(cluster));
	while (fgets(line, sizeof(line), stdin))
		obey(line);
	rd_kafka_mock_cluster_destroy(cluster);
	rd_kafka_destroy(handle);
	return 0;
}

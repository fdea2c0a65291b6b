// SPDX-License-Identifier: GPL-2.0-only
/*
 * Formats events.
 */
#include "publish/event_line.h"

#include <arpa/inet.h>
#include <string.h>
#include <time.h>

#include "common/json.h"
#include "count/dissect.h"
#include "options/verdict.h"

#define SECOND 1000000000ULL
#define NAME_SIZE 201 /* of a name from a file, which may have any length */

/* RFC 3339, in UTC. */
static void event_put_time(struct json *json, __u64 realtime_ns)
{
	time_t seconds = realtime_ns / SECOND;
	char text[64] = "", fraction[16];
	struct tm utc;

	if (gmtime_r(&seconds, &utc))
		strftime(text, sizeof(text) - sizeof(fraction), "%FT%T", &utc);
	snprintf(fraction, sizeof(fraction), ".%09uZ", (unsigned int)(realtime_ns % SECOND));
	json_string(json, "time", strcat(text, fraction));
}

static void event_put_name(struct json *json, const char *key, const char *name)
{
	char cut[NAME_SIZE];

	if (name)
		snprintf(cut, sizeof(cut), "%s", name);
	json_string(json, key, name ? cut : NULL);
}

/* Empty names are not known. */
static void event_put_known(struct json *json, const char *key, const char *name)
{
	event_put_name(json, key, *name ? name : NULL);
}

static void event_put_number(struct json *json, const char *key, bool known, __u64 number)
{
	if (known)
		json_u64(json, key, number);
	else
		json_string(json, key, NULL);
}

static void event_put_address(struct json *json, const char *key, int family, const __u8 *address)
{
	char text[INET6_ADDRSTRLEN];

	json_string(json, key,
		    family == AF_UNSPEC ? NULL : inet_ntop(family, address, text, sizeof(text)));
}

static void event_put_frame(struct json *json, const struct event *event)
{
	const struct xdpdrop_record *record = event->record;
	struct dissected frame;

	dissect(record->data, record->caplen, event->point->link_type, &frame);
	event_put_number(json, "ethertype", frame.ethertype, frame.ethertype);
	event_put_number(json, "protocol", frame.has_protocol, frame.protocol);
	event_put_address(json, "source", frame.family, frame.source);
	event_put_address(json, "destination", frame.family, frame.destination);
	event_put_number(json, "source_port", frame.has_ports, frame.source_port);
	event_put_number(json, "destination_port", frame.has_ports, frame.destination_port);
	json_u64(json, "length", record->len);
}

/* A number that is no action means aborted. */
static const char *event_verdict(const struct xdpdrop_record *record)
{
	bool valid = !(record->flags & XDPDROP_F_INVALID_ACTION) && record->action < VERDICTS;

	return verdict_name(valid ? record->action : 0);
}

void event_line(FILE *stream, const struct event *event)
{
	const struct xdpdrop_record *record = event->record;
	struct json json = { .stream = stream };

	json_open_object(&json, NULL);
	event_put_time(&json, event->realtime_ns);
	event_put_known(&json, "host", event->host);
	event_put_known(&json, "interface", event->point->ifname);
	event_put_known(&json, "program", event->point->program);
	json_string(&json, "verdict", event_verdict(record));
	event_put_name(&json, "reason", event->reason);
	event_put_number(&json, "reason_number", record->reason, record->reason);
	event_put_number(&json, "rule", record->rule, record->rule);
	event_put_name(&json, "rule_name", event->rule);
	event_put_frame(&json, event);
	json_u64(&json, "sample", record->sample ? record->sample : 1);
	json_close_object(&json);
	fputc('\n', stream);
}

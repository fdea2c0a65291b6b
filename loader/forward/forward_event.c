// SPDX-License-Identifier: GPL-2.0-only
/*
 * The names of members are those of doc/events.schema.json.
 */
#include <stdio.h>

#include "common/json_object.h"
#include "forward/forward_event.h"

bool forward_event_read(struct forward_event *event, const char *line)
{
	char program[128], reason[128];
	struct json_member members[] = {
		{ .name = "program", .value = program, .size = sizeof(program) },
		{ .name = "reason", .value = reason, .size = sizeof(reason) },
		{ .name = "host", .value = event->host, .size = sizeof(event->host) },
	};

	if (!json_object_read(line, members, sizeof(members) / sizeof(members[0])))
		return false;
	snprintf(event->key, sizeof(event->key), "%s:%s", members[0].found ? program : "-",
		 members[1].found ? reason : "-");
	if (!members[2].found)
		event->host[0] = '\0';
	return true;
}

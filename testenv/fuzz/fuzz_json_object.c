/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Hostile lines of events: what is found is terminated, within its buffer and valid UTF-8, and
 * nothing is found in what is no object.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/json_object.h"
#include "common/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int condition)
{
	if (!condition)
		abort();
}

static void check_value(const char *value, size_t size)
{
	const char *at = value;
	size_t length;

	check(strnlen(value, size) < size);
	for (; *at; at += length) {
		length = text_character(at);
		check(length > 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char small[4], large[300], *text = malloc(size + 1);
	struct json_member members[] = {
		{ .name = "a", .value = small, .size = sizeof(small) },
		{ .name = "program", .value = large, .size = sizeof(large) },
	};

	check(text != NULL);
	memcpy(text, data, size);
	text[size] = '\0';
	memset(small, 'x', sizeof(small));
	memset(large, 'x', sizeof(large));
	if (json_object_read(text, members, 2)) {
		check(strchr(text, '{') && strchr(text, '}'));
		for (int i = 0; i < 2; i++)
			if (members[i].found)
				check_value(members[i].value, members[i].size);
	}
	free(text);
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Writes JSON to a stream, value by value. The caller opens and closes objects and lists in pairs.
 */
#ifndef XDPDROP_JSON_H
#define XDPDROP_JSON_H

#include <linux/types.h>
#include <stdbool.h>
#include <stdio.h>

struct json {
	FILE *stream;
	bool comma; /* before the next value */
};

/* @key: name of the member; NULL in a list and at the top. */
void json_open_object(struct json *json, const char *key);
void json_close_object(struct json *json);
void json_open_list(struct json *json, const char *key);
void json_close_list(struct json *json);

/*
 * NULL becomes null. Control characters are escaped. A byte that is not UTF-8 becomes U+FFFD, so
 * the text is always valid.
 */
void json_string(struct json *json, const char *key, const char *value);
void json_u64(struct json *json, const char *key, __u64 value);
void json_bool(struct json *json, const char *key, bool value);

/* A number with three decimals: 1234 becomes 1.234. */
void json_thousandths(struct json *json, const char *key, __u64 value);

#endif

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writes the part of RFC 8259 that is needed.
 */
#include <inttypes.h>
#include <string.h>

#include "common/json.h"
#include "common/text.h"

/* The last byte of a control character is its number. */
static void json_put_character(FILE *stream, const char *text, size_t length)
{
	if (!length)
		fputs("\\ufffd", stream);
	else if (*text == '"' || *text == '\\')
		fprintf(stream, "\\%c", *text);
	else if (text_is_control(text, length))
		fprintf(stream, "\\u%04x", (unsigned char)text[length - 1]);
	else
		fwrite(text, 1, length, stream);
}

static void json_put_string(FILE *stream, const char *string)
{
	fputc('"', stream);
	while (*string) {
		size_t length = text_character(string);

		json_put_character(stream, string, length);
		string += length ? length : 1;
	}
	fputc('"', stream);
}

static void json_begin(struct json *json, const char *key)
{
	if (json->comma)
		fputc(',', json->stream);
	json->comma = true;
	if (!key)
		return;
	json_put_string(json->stream, key);
	fputc(':', json->stream);
}

static void json_open_with(struct json *json, const char *key, char bracket)
{
	json_begin(json, key);
	fputc(bracket, json->stream);
	json->comma = false;
}

static void json_close_with(struct json *json, char bracket)
{
	fputc(bracket, json->stream);
	json->comma = true;
}

void json_open_object(struct json *json, const char *key)
{
	json_open_with(json, key, '{');
}

void json_close_object(struct json *json)
{
	json_close_with(json, '}');
}

void json_open_list(struct json *json, const char *key)
{
	json_open_with(json, key, '[');
}

void json_close_list(struct json *json)
{
	json_close_with(json, ']');
}

void json_string(struct json *json, const char *key, const char *value)
{
	json_begin(json, key);
	if (value)
		json_put_string(json->stream, value);
	else
		fputs("null", json->stream);
}

void json_u64(struct json *json, const char *key, __u64 value)
{
	json_begin(json, key);
	fprintf(json->stream, "%" PRIu64, (uint64_t)value);
}

void json_bool(struct json *json, const char *key, bool value)
{
	json_begin(json, key);
	fputs(value ? "true" : "false", json->stream);
}

void json_thousandths(struct json *json, const char *key, __u64 value)
{
	json_begin(json, key);
	fprintf(json->stream, "%" PRIu64 ".%03" PRIu64, (uint64_t)(value / 1000),
		(uint64_t)(value % 1000));
}

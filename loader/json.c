// SPDX-License-Identifier: GPL-2.0-only
/*
 * The grammar of RFC 8259, as far as it is needed.
 */
#include <inttypes.h>
#include <string.h>

#include "json.h"

/* Bytes of the UTF-8 character at @text, which ends with a 0; 0: it is none. */
static size_t character_length(const unsigned char *text)
{
	size_t length = *text < 0x80 ? 1 : *text < 0xe0 ? 2 : *text < 0xf0 ? 3 : 4;
	unsigned char low = 0x80, high = 0xbf;

	if (length == 1)
		return 1;
	if (*text < 0xc2 || *text > 0xf4)
		return 0;
	/* overlong forms, surrogates, beyond U+10FFFF */
	if (*text == 0xe0)
		low = 0xa0;
	else if (*text == 0xf0)
		low = 0x90;
	else if (*text == 0xed)
		high = 0x9f;
	else if (*text == 0xf4)
		high = 0x8f;
	if (text[1] < low || text[1] > high)
		return 0;
	for (size_t i = 2; i < length; i++)
		if ((text[i] & 0xc0) != 0x80)
			return 0;
	return length;
}

static void put_character(FILE *stream, const unsigned char *text, size_t length)
{
	if (!length)
		fputs("\\ufffd", stream);
	else if (*text == '"' || *text == '\\')
		fprintf(stream, "\\%c", *text);
	else if (*text < 0x20 || *text == 0x7f)
		fprintf(stream, "\\u%04x", *text);
	else
		fwrite(text, 1, length, stream);
}

static void put_string(FILE *stream, const char *string)
{
	const unsigned char *at = (const unsigned char *)string;

	fputc('"', stream);
	while (*at) {
		size_t length = character_length(at);

		put_character(stream, at, length);
		at += length ? length : 1;
	}
	fputc('"', stream);
}

static void begin(struct json *json, const char *key)
{
	if (json->comma)
		fputc(',', json->stream);
	json->comma = true;
	if (!key)
		return;
	put_string(json->stream, key);
	fputc(':', json->stream);
}

static void open_with(struct json *json, const char *key, char bracket)
{
	begin(json, key);
	fputc(bracket, json->stream);
	json->comma = false;
}

static void close_with(struct json *json, char bracket)
{
	fputc(bracket, json->stream);
	json->comma = true;
}

void json_open_object(struct json *json, const char *key)
{
	open_with(json, key, '{');
}

void json_close_object(struct json *json)
{
	close_with(json, '}');
}

void json_open_list(struct json *json, const char *key)
{
	open_with(json, key, '[');
}

void json_close_list(struct json *json)
{
	close_with(json, ']');
}

void json_string(struct json *json, const char *key, const char *value)
{
	begin(json, key);
	if (value)
		put_string(json->stream, value);
	else
		fputs("null", json->stream);
}

void json_u64(struct json *json, const char *key, __u64 value)
{
	begin(json, key);
	fprintf(json->stream, "%" PRIu64, (uint64_t)value);
}

void json_bool(struct json *json, const char *key, bool value)
{
	begin(json, key);
	fputs(value ? "true" : "false", json->stream);
}

void json_thousandths(struct json *json, const char *key, __u64 value)
{
	begin(json, key);
	fprintf(json->stream, "%" PRIu64 ".%03" PRIu64, (uint64_t)(value / 1000),
		(uint64_t)(value % 1000));
}

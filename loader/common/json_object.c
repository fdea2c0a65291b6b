// SPDX-License-Identifier: GPL-2.0-only
/*
 * A parser by recursive descent over text that anybody may have written. Allocates nothing.
 */
#include <stdint.h>
#include <string.h>

#include "common/json_object.h"
#include "common/text.h"

#define DEPTH_MAX 32
#define NAME_SIZE 64 /* longer names are none that is looked for */

struct json_reader {
	const char *at;
	unsigned int depth;
};

/* Where a string goes; with size 0 it is only checked. */
struct json_copy {
	char *to;
	size_t size, length;
	bool cut;
};

static bool json_read_value(struct json_reader *reader);

static void json_skip_space(struct json_reader *reader)
{
	reader->at += strspn(reader->at, " \t\r\n");
}

static bool json_take(struct json_reader *reader, char expected)
{
	if (*reader->at != expected)
		return false;
	reader->at++;
	return true;
}

/* Whole characters only, and nothing behind one that does not fit. */
static void json_copy_bytes(struct json_copy *copy, const char *from, size_t length)
{
	copy->cut |= copy->length + length >= copy->size;
	if (copy->cut)
		return;
	memcpy(copy->to + copy->length, from, length);
	copy->length += length;
	copy->to[copy->length] = '\0';
}

static void json_copy_code(struct json_copy *copy, uint32_t code)
{
	char bytes[4];
	size_t length = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
	static const unsigned char first[] = { 0, 0, 0xc0, 0xe0, 0xf0 };

	for (size_t i = length; i-- > 1; code >>= 6)
		bytes[i] = (char)(0x80 | (code & 0x3f));
	bytes[0] = (char)(first[length] | code);
	json_copy_bytes(copy, bytes, length);
}

static bool json_take_hex(struct json_reader *reader, uint32_t *code)
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";

	*code = 0;
	for (int i = 0; i < 4; i++) {
		const char *digit = *reader->at ? strchr(digits, *reader->at) : NULL;

		if (!digit)
			return false;
		*code = *code << 4 | ((digit - digits) & 15);
		reader->at++;
	}
	return true;
}

/* Behind "\u"; characters beyond U+FFFF are two of these. */
static bool json_read_code(struct json_reader *reader, struct json_copy *copy)
{
	uint32_t code, low;

	if (!json_take_hex(reader, &code) || !code || (code >= 0xdc00 && code < 0xe000))
		return false;
	if (code >= 0xd800 && code < 0xdc00) {
		if (!json_take(reader, '\\') || !json_take(reader, 'u') ||
		    !json_take_hex(reader, &low) || low < 0xdc00 || low >= 0xe000)
			return false;
		code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
	}
	json_copy_code(copy, code);
	return true;
}

static bool json_read_escape(struct json_reader *reader, struct json_copy *copy)
{
	static const char letters[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
	const char *letter;

	if (json_take(reader, 'u'))
		return json_read_code(reader, copy);
	letter = *reader->at ? strchr(letters, *reader->at) : NULL;
	if (!letter)
		return false;
	reader->at++;
	json_copy_bytes(copy, &meant[letter - letters], 1);
	return true;
}

static bool json_read_string(struct json_reader *reader, struct json_copy *copy)
{
	if (!json_take(reader, '"'))
		return false;
	if (copy->size)
		copy->to[0] = '\0';
	while (!json_take(reader, '"')) {
		size_t length;

		if (json_take(reader, '\\')) {
			if (!json_read_escape(reader, copy))
				return false;
			continue;
		}
		/* the end of the text is a control character, too */
		length = (unsigned char)*reader->at < 0x20 ? 0 : text_character(reader->at);
		if (!length)
			return false;
		json_copy_bytes(copy, reader->at, length);
		reader->at += length;
	}
	return true;
}

static bool json_read_digits(struct json_reader *reader)
{
	size_t length = strspn(reader->at, "0123456789");

	reader->at += length;
	return length;
}

static bool json_read_number(struct json_reader *reader)
{
	json_take(reader, '-');
	if (!json_take(reader, '0') && !json_read_digits(reader))
		return false;
	if (json_take(reader, '.') && !json_read_digits(reader))
		return false;
	if (!json_take(reader, 'e') && !json_take(reader, 'E'))
		return true;
	if (!json_take(reader, '+'))
		json_take(reader, '-');
	return json_read_digits(reader);
}

static bool json_read_word(struct json_reader *reader, const char *word)
{
	size_t length = strlen(word);

	if (strncmp(reader->at, word, length) != 0)
		return false;
	reader->at += length;
	return true;
}

static bool json_read_list(struct json_reader *reader)
{
	if (!json_take(reader, '[') || ++reader->depth > DEPTH_MAX)
		return false;
	json_skip_space(reader);
	if (!json_take(reader, ']')) {
		do
			if (!json_read_value(reader))
				return false;
		while (json_take(reader, ','));
		if (!json_take(reader, ']'))
			return false;
	}
	reader->depth--;
	return true;
}

static struct json_member *json_find(struct json_member *members, unsigned int count,
				     const struct json_copy *name)
{
	for (unsigned int i = 0; i < count; i++)
		if (!name->cut && !strcmp(members[i].name, name->to))
			return &members[i];
	return NULL;
}

/* The value of a member that is looked for. */
static bool json_read_found(struct json_reader *reader, struct json_member *member)
{
	struct json_copy copy = { .to = member->value, .size = member->size };
	const char *start;

	json_skip_space(reader);
	start = reader->at;
	member->found = *start && strchr("\"-0123456789", *start);
	if (*start == '"')
		return json_read_string(reader, &copy);
	if (!json_read_value(reader))
		return false;
	if (member->found) {
		copy.to[0] = '\0';
		json_copy_bytes(&copy, start, strcspn(start, " \t\r\n,}"));
	}
	return true;
}

static bool json_read_member(struct json_reader *reader, struct json_member *members,
			     unsigned int count)
{
	char text[NAME_SIZE];
	struct json_copy name = { .to = text, .size = sizeof(text) };
	struct json_member *member;

	json_skip_space(reader);
	if (!json_read_string(reader, &name))
		return false;
	json_skip_space(reader);
	if (!json_take(reader, ':'))
		return false;
	member = json_find(members, count, &name);
	if (!(member ? json_read_found(reader, member) : json_read_value(reader)))
		return false;
	json_skip_space(reader);
	return true;
}

static bool json_read_object(struct json_reader *reader, struct json_member *members,
			     unsigned int count)
{
	if (!json_take(reader, '{') || ++reader->depth > DEPTH_MAX)
		return false;
	json_skip_space(reader);
	if (!json_take(reader, '}')) {
		do
			if (!json_read_member(reader, members, count))
				return false;
		while (json_take(reader, ','));
		if (!json_take(reader, '}'))
			return false;
	}
	reader->depth--;
	return true;
}

static bool json_read_value(struct json_reader *reader)
{
	struct json_copy nowhere = { .size = 0 };
	bool valid;

	json_skip_space(reader);
	switch (*reader->at) {
	case '{':
		valid = json_read_object(reader, NULL, 0);
		break;
	case '[':
		valid = json_read_list(reader);
		break;
	case '"':
		valid = json_read_string(reader, &nowhere);
		break;
	case 't':
		valid = json_read_word(reader, "true");
		break;
	case 'f':
		valid = json_read_word(reader, "false");
		break;
	case 'n':
		valid = json_read_word(reader, "null");
		break;
	default:
		valid = json_read_number(reader);
	}
	json_skip_space(reader);
	return valid;
}

bool json_object_read(const char *text, struct json_member *members, unsigned int count)
{
	struct json_reader reader = { .at = text };

	for (unsigned int i = 0; i < count; i++)
		members[i].found = false;
	json_skip_space(&reader);
	if (!json_read_object(&reader, members, count))
		return false;
	json_skip_space(&reader);
	return !*reader.at;
}

// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Reads what "map dump" of bpftool writes with -j: a list of objects with "key" and "value", each a
 * list of bytes, or for maps with a value for each CPU "values", a list of objects with "cpu" and
 * "value". Other members, such as "formatted", are skipped.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "replay/fill.h"
#include "base/log.h"

#define FILL_DEPTH 64
#define FILL_FILE_MAX (1UL << 30)

/* The place in the text; the text ends with a zero byte. */
struct fill_text {
	const char *start, *at;
	unsigned int depth;
};

struct fill_entry {
	size_t key_size, value_size, stride; /* bytes; stride: from one CPU's value to the next */
	unsigned int cpus;		     /* 0: one value for all */
	unsigned char *key, *value;
	bool has_key;
	unsigned int values;
};

static void fill_skip_blanks(struct fill_text *text)
{
	text->at += strspn(text->at, " \t\r\n");
}

/* Skip @c, which may follow blanks. False: there is something else. */
static bool fill_take(struct fill_text *text, char c)
{
	fill_skip_blanks(text);
	if (*text->at != c)
		return false;
	text->at++;
	return true;
}

/* Read a string without its quotes, of which the first @size - 1 bytes are kept. */
static bool fill_take_string(struct fill_text *text, char *string, size_t size)
{
	size_t used = 0;

	if (!fill_take(text, '"'))
		return false;
	for (; *text->at && *text->at != '"'; text->at++) {
		if (*text->at == '\\' && text->at[1])
			text->at++;
		if (used + 1 < size)
			string[used++] = *text->at;
	}
	string[used] = '\0';
	return fill_take(text, '"');
}

static bool fill_skip_value(struct fill_text *text);

static bool fill_skip_members(struct fill_text *text, bool named, char end)
{
	char name[2];

	if (fill_take(text, end))
		return true;
	do
		if ((named &&
		     (!fill_take_string(text, name, sizeof(name)) || !fill_take(text, ':'))) ||
		    !fill_skip_value(text))
			return false;
	while (fill_take(text, ','));
	return fill_take(text, end);
}

static bool fill_skip_value(struct fill_text *text)
{
	char string[2];
	bool skipped;
	size_t length;

	if (text->depth == FILL_DEPTH)
		return false;
	text->depth++;
	fill_skip_blanks(text);
	if (*text->at == '"') {
		skipped = fill_take_string(text, string, sizeof(string));
	} else if (*text->at == '{' || *text->at == '[') {
		bool named = *text->at++ == '{';

		skipped = fill_skip_members(text, named, named ? '}' : ']');
	} else {
		length = strcspn(text->at, ",]} \t\r\n");
		text->at += length;
		skipped = length;
	}
	text->depth--;
	return skipped;
}

/* ["0x0a","0xff"], of exactly @size bytes. */
static bool fill_take_bytes(struct fill_text *text, unsigned char *bytes, size_t size)
{
	char number[8], *end;

	if (!fill_take(text, '['))
		return false;
	for (size_t i = 0; i < size; i++) {
		unsigned long byte;

		if ((i && !fill_take(text, ',')) || !fill_take_string(text, number, sizeof(number)))
			return false;
		byte = strtoul(number, &end, 0);
		if (!isdigit((unsigned char)number[0]) || *end || byte > 255)
			return false;
		bytes[i] = byte;
	}
	return fill_take(text, ']');
}

/* One element of "values". */
static bool fill_take_cpu(struct fill_text *text, struct fill_entry *entry)
{
	unsigned long cpu = ~0UL;
	char name[8], *end;

	if (!fill_take(text, '{'))
		return false;
	do {
		if (!fill_take_string(text, name, sizeof(name)) || !fill_take(text, ':'))
			return false;
		if (!strcmp(name, "cpu")) {
			cpu = strtoul(text->at, &end, 10);
			text->at = end;
		} else if (strcmp(name, "value") || cpu == ~0UL) {
			if (!fill_skip_value(text))
				return false;
		} else if (cpu >= entry->cpus) {
			return false;
		} else if (fill_take_bytes(text, entry->value + cpu * entry->stride,
					   entry->value_size)) {
			entry->values++;
		} else {
			return false;
		}
	} while (fill_take(text, ','));
	return fill_take(text, '}');
}

static bool fill_take_cpus(struct fill_text *text, struct fill_entry *entry)
{
	if (!entry->cpus || !fill_take(text, '['))
		return false;
	do
		if (!fill_take_cpu(text, entry))
			return false;
	while (fill_take(text, ','));
	return fill_take(text, ']');
}

static bool fill_take_entry(struct fill_text *text, struct fill_entry *entry)
{
	char name[8];

	entry->has_key = false;
	entry->values = 0;
	memset(entry->value, 0, entry->stride * (entry->cpus ? entry->cpus : 1));
	if (!fill_take(text, '{'))
		return false;
	do {
		bool taken;

		if (!fill_take_string(text, name, sizeof(name)) || !fill_take(text, ':'))
			return false;
		if (!strcmp(name, "key"))
			entry->has_key = taken = fill_take_bytes(text, entry->key, entry->key_size);
		else if (!strcmp(name, "value") && !entry->cpus)
			entry->values = taken =
				fill_take_bytes(text, entry->value, entry->value_size);
		else if (!strcmp(name, "values"))
			taken = fill_take_cpus(text, entry);
		else
			taken = fill_skip_value(text);
		if (!taken)
			return false;
	} while (fill_take(text, ','));
	return fill_take(text, '}') && entry->has_key && entry->values;
}

/* Returns the number of entries, or -errno; -EINVAL: the text is wrong at text->at. */
static long fill_put_entries(int map, struct fill_text *text, struct fill_entry *entry)
{
	long count = 0;

	if (!fill_take(text, '['))
		return -EINVAL;
	if (fill_take(text, ']'))
		return 0;
	do {
		if (!fill_take_entry(text, entry))
			return -EINVAL;
		if (bpf_map_update_elem(map, entry->key, entry->value, BPF_ANY))
			return errno == EINVAL ? -EBADMSG : -errno;
		count++;
	} while (fill_take(text, ','));
	return fill_take(text, ']') ? count : -EINVAL;
}

/* The content of the file with a zero byte behind it. NULL: errno. */
static char *fill_read_text(const char *path)
{
	CLEANUP_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t size = 0, room = 1UL << 16;
	char *text = NULL, *grown;
	ssize_t got = fd < 0 ? -1 : 1;

	while (got > 0 && room < FILL_FILE_MAX) {
		grown = realloc(text, room + 1);
		got = grown ? read(fd, grown + size, room - size) : -1;
		text = grown ? grown : text;
		size += got > 0 ? got : 0;
		room *= size == room ? 2 : 1;
	}
	if (got) {
		free(text);
		errno = got > 0 ? EFBIG : errno;
		return NULL;
	}
	text[size] = '\0';
	return text;
}

static bool fill_is_per_cpu(enum bpf_map_type type)
{
	return type == BPF_MAP_TYPE_PERCPU_HASH || type == BPF_MAP_TYPE_PERCPU_ARRAY ||
	       type == BPF_MAP_TYPE_LRU_PERCPU_HASH;
}

static unsigned int fill_line(const struct fill_text *text)
{
	unsigned int line = 1;

	for (const char *at = text->start; at < text->at; at++)
		line += *at == '\n';
	return line;
}

int fill_read_file(const struct fill *fill, const char *name, const char *path)
{
	const struct bpf_map *map = bpf_object__find_map_by_name(fill->object, name);
	CLEANUP_FREE char *content = map ? fill_read_text(path) : NULL;
	struct fill_text text = { .start = content, .at = content };
	struct fill_entry entry = { 0 };
	CLEANUP_FREE void *key = NULL, *value = NULL;
	long count;

	if (!map)
		return log_error(fill->log, -EINVAL, "the object has no map %s", name);
	if (!content)
		return log_error(fill->log, -errno, "cannot read map %s from %s: %s", name, path,
				 strerror(errno));
	entry.key_size = bpf_map__key_size(map);
	entry.value_size = bpf_map__value_size(map);
	entry.cpus = fill_is_per_cpu(bpf_map__type(map)) ? libbpf_num_possible_cpus() : 0;
	entry.stride = (entry.value_size + 7) / 8 * 8;
	entry.key = key = malloc(entry.key_size + 1);
	entry.value = value = malloc(entry.stride * (entry.cpus ? entry.cpus : 1) + 1);
	if (!key || !value)
		return -ENOMEM;
	count = fill_put_entries(bpf_map__fd(map), &text, &entry);
	if (count == -EINVAL)
		return log_error(fill->log, -EINVAL,
				 "%s line %u: no entry of map %s, with a key of %zu and a value of "
				 "%zu bytes, as in a dump of a map in JSON",
				 path, fill_line(&text), name, entry.key_size, entry.value_size);
	if (count < 0)
		return log_error(fill->log, count, "cannot fill map %s from %s: %s", name, path,
				 strerror(count == -EBADMSG ? EINVAL : -count));
	log_info(fill->log, "map %s: %ld entries from %s", name, count, path);
	return 0;
}

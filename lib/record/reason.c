// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Owns the table of names, and parses the text file that fills it.
 */
#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/utf8.h"
#include "record/reason.h"
#include "sflow.h"

/* Size limit of the file, in bytes: some hundred thousand names. */
#define FILE_MAX (4 * 1024 * 1024)

/* Before the sFlow code, at the end of a line. */
#define CODE "sflow="

/* The index of @number, or the index where it is to be inserted. */
static size_t reasons_position(const struct reasons *reasons, __u64 number)
{
	size_t low = 0, high = reasons->count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (reasons->reason[middle].number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct reason *reasons_find(const struct reasons *reasons, __u64 number)
{
	size_t at = reasons_position(reasons, number);

	if (at < reasons->count && reasons->reason[at].number == number)
		return &reasons->reason[at];
	return NULL;
}

const char *reasons_name(const struct reasons *reasons, __u64 number)
{
	const struct reason *reason = reasons_find(reasons, number);

	return reason ? reason->name : NULL;
}

bool reasons_code(const struct reasons *reasons, __u64 number, __u32 *code)
{
	const struct reason *reason = reasons_find(reasons, number);

	if (!reason || !reason->has_code)
		return false;
	*code = reason->code;
	return true;
}

static int reasons_insert(struct reasons *reasons, __u64 number, char *name)
{
	size_t at = reasons_position(reasons, number);
	struct reason *place;

	if (!ARRAY_GROW(reasons->reason, reasons->count))
		return -ENOMEM;
	place = &reasons->reason[at];
	memmove(place + 1, place, (reasons->count - at) * sizeof(*place));
	*place = (struct reason){ .number = number, .name = name };
	reasons->count++;
	return 0;
}

int reasons_add(struct reasons *reasons, __u64 number, const char *name)
{
	struct reason *known = reasons_find(reasons, number);
	char *copy = strdup(name);

	if (!copy)
		return -ENOMEM;
	utf8_to_ascii(copy);
	if (known) {
		free(known->name);
		known->name = copy;
		return 0;
	}
	if (!reasons_insert(reasons, number, copy))
		return 0;
	free(copy);
	return -ENOMEM;
}

int reasons_append(struct reasons *reasons, __u64 number, const char *name)
{
	char *copy = strdup(name);

	if (!copy || !ARRAY_GROW(reasons->reason, reasons->count)) {
		free(copy);
		return -ENOMEM;
	}
	utf8_to_ascii(copy);
	reasons->reason[reasons->count] =
		(struct reason){ .number = number, .name = copy, .order = reasons->count };
	reasons->count++;
	return 0;
}

static int reasons_compare(const void *left, const void *right)
{
	const struct reason *a = left, *b = right;

	if (a->number != b->number)
		return a->number < b->number ? -1 : 1;
	return a->order < b->order ? -1 : a->order > b->order;
}

/* Of several names of a number the last one stays. */
void reasons_settle(struct reasons *reasons)
{
	size_t count = 0;

	if (!reasons->count)
		return;
	qsort(reasons->reason, reasons->count, sizeof(*reasons->reason), reasons_compare);
	for (size_t i = 1; i < reasons->count; i++) {
		if (reasons->reason[i].number == reasons->reason[count].number)
			free(reasons->reason[count].name);
		else
			count++;
		reasons->reason[count] = reasons->reason[i];
	}
	reasons->count = count + 1;
	/* those that are appended later replace them */
	for (size_t i = 0; i < reasons->count; i++)
		reasons->reason[i].order = 0;
}

void reasons_merge(struct reasons *reasons, const struct reasons *others)
{
	for (size_t i = 0; i < others->count; i++)
		reasons_append(reasons, others->reason[i].number, others->reason[i].name);
	reasons_settle(reasons);
}

/* A leading zero does not mean octal: 010 is 10. */
static int reasons_base_of(const char *number)
{
	return number[0] == '0' && (number[1] == 'x' || number[1] == 'X') ? 16 : 10;
}

bool reasons_number(const struct reasons *reasons, const char *name, __u64 most, __u64 *number)
{
	unsigned long long value;
	char *end;

	for (size_t i = 0; i < reasons->count; i++) {
		if (strcmp(reasons->reason[i].name, name) != 0)
			continue;
		*number = reasons->reason[i].number;
		return true;
	}
	if (!isdigit((unsigned char)*name))
		return false;
	errno = 0;
	value = strtoull(name, &end, reasons_base_of(name));
	if (*end || errno || value > most)
		return false;
	*number = value;
	return true;
}

/* In a program, names are identifiers, which do not begin so. */
bool reasons_may_be(const struct reasons *named, const char *name)
{
	__u64 number;

	return (*name && !strchr("+-0123456789", *name)) ||
	       reasons_number(named, name, UINT32_MAX, &number);
}

/* "A, B and 3 more" */
static void reasons_list(const struct reasons *reasons, char *text, size_t size)
{
	size_t used = 0, i;

	text[0] = '\0';
	for (i = 0; i < reasons->count && used + strlen(reasons->reason[i].name) + 24 < size; i++)
		used += snprintf(text + used, size - used, "%s%s", i ? ", " : "",
				 reasons->reason[i].name);
	if (i < reasons->count)
		snprintf(text + used, size - used, " and %zu more", reasons->count - i);
}

static void reasons_log_unknown(const struct reasons *reasons, const char *whose, const char *name,
				const struct log *log)
{
	char known[400];

	reasons_list(reasons, known, sizeof(known));
	if (known[0])
		log_warn(log, "%s has no reason '%s', only %s", whose, name, known);
	else
		log_warn(log, "%s has no reason '%s', and no names for its reasons", whose, name);
}

unsigned int reasons_numbers(const struct reasons *reasons, const char *list, __u32 *numbers,
			     unsigned int max, const char *whose, const struct log *log)
{
	char *copy = strdup(list), *rest = copy, *name;
	unsigned int count = 0;

	while (copy && (name = strsep(&rest, ","))) {
		__u64 number;

		name += strspn(name, " \t");
		if (count < max && reasons_number(reasons, name, UINT32_MAX, &number))
			numbers[count++] = number;
		else if (count == max)
			log_warn(log, "more than %u reasons; '%s' is left out", max, name);
		else
			reasons_log_unknown(reasons, whose, name, log);
	}
	free(copy);
	return count;
}

void reasons_free(struct reasons *reasons)
{
	for (size_t i = 0; i < reasons->count; i++)
		free(reasons->reason[i].name);
	free(reasons->reason);
	*reasons = (struct reasons){ 0 };
}

/* Cut off the blanks at the end of @text. */
static void reasons_trim(char *text)
{
	char *end = text + strlen(text);

	while (end > text && isspace((unsigned char)end[-1]))
		*--end = '\0';
}

/* Cut "sflow=CODE" off the end of @name. 1: there is one; 0: there is none; -EINVAL. */
static int reasons_cut_code(char *name, __u32 *code)
{
	char *word = name + strlen(name), *end;
	unsigned long long number;

	while (word > name && !isspace((unsigned char)word[-1]))
		word--;
	if (word == name || strncmp(word, CODE, strlen(CODE)) != 0)
		return 0;
	*word = '\0';
	reasons_trim(name);
	word += strlen(CODE);
	if (!isdigit((unsigned char)*word))
		return -EINVAL;
	number = strtoull(word, &end, reasons_base_of(word));
	if (*end || number > XDPDROP_SFLOW_MAX_CODE)
		return -EINVAL;
	*code = number;
	return 1;
}

static int reasons_add_line(struct reasons *reasons, __u64 number, char *name, const char **problem)
{
	__u32 code = 0;
	int has_code, err;

	reasons_trim(name);
	*problem = "sflow= is not followed by a number up to 1073741823";
	has_code = reasons_cut_code(name, &code);
	if (has_code < 0)
		return has_code;
	err = reasons_append(reasons, number, name);
	if (!err) {
		reasons->reason[reasons->count - 1].has_code = has_code;
		reasons->reason[reasons->count - 1].code = code;
	}
	return err;
}

/* Parse one line without its newline. On -EINVAL *@problem is the reason. */
static int reasons_read_line(struct reasons *reasons, __u64 most, char *line, const char **problem)
{
	char *name, *end;
	unsigned long long number;

	line += strspn(line, " \t");
	if (!*line || *line == '#')
		return 0;
	*problem = "it does not begin with a number";
	if (!isdigit((unsigned char)*line))
		return -EINVAL;
	errno = 0;
	number = strtoull(line, &end, reasons_base_of(line));
	*problem = most == UINT32_MAX ? "the number is above 4294967295" :
					"the number is above 18446744073709551615";
	if (errno || number > most)
		return -EINVAL;
	*problem = "the number is not followed by a blank and a name";
	name = end + strspn(end, " \t");
	if (name == end || !*name)
		return -EINVAL;
	return reasons_add_line(reasons, number, name, problem);
}

static int reasons_read_lines(struct reasons *reasons, struct reasons *rules, char *text,
			      const char *path, const struct log *log)
{
	__u64 most = UINT32_MAX;
	char *line;
	int err = 0;

	for (unsigned int number = 1; !err && (line = strsep(&text, "\n")); number++) {
		const char *problem = "";

		line[strcspn(line, "\r")] = '\0';
		if (!strcmp(line, "[rules]")) {
			reasons = rules;
			most = UINT64_MAX;
			continue;
		}
		err = reasons_read_line(reasons, most, line, &problem);
		if (err == -EINVAL)
			log_error(log, err, "%s:%u: %s (each line is NUMBER NAME)", path, number,
				  problem);
	}
	return err;
}

/*
 * Read the file into *@text, which is freed by the caller also on failure. The size is limited
 * because a device never ends. Returns the error, or NULL.
 */
static const char *reasons_read_text(FILE *file, char **text)
{
	const char *wrong = NULL;
	size_t size;
	FILE *to = open_memstream(text, &size);
	int byte;

	if (!to)
		return strerror(errno);
	for (size_t read = 0; !wrong && (byte = getc(file)) != EOF; read++) {
		if (read == FILE_MAX)
			wrong = "it has more than 4 MiB";
		else if (!byte)
			wrong = "it has a NUL byte, and names are plain text";
		else
			putc(byte, to);
	}
	if (!wrong && ferror(file))
		wrong = strerror(errno);
	if (fclose(to) && !wrong)
		wrong = strerror(errno);
	return wrong;
}

int reasons_read_file(struct reasons *reasons, struct reasons *rules, const char *path,
		      const struct log *log)
{
	FILE *file = fopen(path, "re");
	CLEANUP_FREE char *text = NULL;
	const char *wrong;
	int err;

	if (!file)
		return log_error(log, -EINVAL, "cannot open the file of reasons %s: %s", path,
				 strerror(errno));
	wrong = reasons_read_text(file, &text);
	fclose(file);
	if (wrong)
		return log_error(log, -EINVAL, "cannot read reasons from %s: %s", path, wrong);
	err = reasons_read_lines(reasons, rules, text, path, log);
	reasons_settle(reasons);
	reasons_settle(rules);
	return err;
}

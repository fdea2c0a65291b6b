// SPDX-License-Identifier: GPL-2.0-only
/*
 * Walks a command line by a table of options. Owns how values are written (numbers, choices,
 * seconds), how misuse is worded and how a table looks in --help.
 */
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <linux/types.h>
#include <stdarg.h>
#include <string.h>

#include "common/text.h"
#include "options/cmdline.h"

#define LONG_FIRST 0x100 /* getopt's value for entry 0; letters are below */
#define HELP_COLUMN 30

struct getopt_tables {
	char letters[2 * CMDLINE_MAX + 2];
	struct option names[CMDLINE_MAX + 1];
};

int cmdline_fail(struct cmdline_error *error, const char *format, ...)
{
	int length;
	va_list args;

	length = snprintf(error->text, sizeof(error->text), "%s", error->context);
	va_start(args, format);
	vsnprintf(error->text + length, sizeof(error->text) - length, format, args);
	va_end(args);
	text_clean(error->text);
	return -EINVAL;
}

/* Read digits at *text and move it behind them; false if there are none or too many. */
static bool cmdline_take_number(const char **text, unsigned long long *number)
{
	const char *at = *text;
	unsigned long long sum = 0;

	for (; *at >= '0' && *at <= '9'; at++) {
		if (__builtin_mul_overflow(sum, 10, &sum) ||
		    __builtin_add_overflow(sum, *at - '0', &sum))
			return false;
	}
	if (at == *text)
		return false;
	*text = at;
	*number = sum;
	return true;
}

static bool cmdline_is_in_range(const struct cmdline_option *entry, unsigned long long number)
{
	return number >= entry->min && number <= entry->max;
}

static int cmdline_parse_number(const struct cmdline_option *entry, const char *value,
				unsigned long long *number, struct cmdline_error *error)
{
	const char *at = value;

	if (!*value || value[strspn(value, "0123456789")])
		return cmdline_fail(error, "'%.64s' is not a whole number; use %llu to %llu", value,
				    entry->min, entry->max);
	if (!cmdline_take_number(&at, number) || !cmdline_is_in_range(entry, *number))
		return cmdline_fail(error, "'%.64s' is not between %llu and %llu", value,
				    entry->min, entry->max);
	return 0;
}

int cmdline_u64(const struct cmdline_option *entry, const char *value, void *field,
		struct cmdline_error *error)
{
	unsigned long long number;
	int err = cmdline_parse_number(entry, value, &number, error);

	if (!err)
		*(__u64 *)field = number;
	return err;
}

int cmdline_u32(const struct cmdline_option *entry, const char *value, void *field,
		struct cmdline_error *error)
{
	unsigned long long number;
	int err = cmdline_parse_number(entry, value, &number, error);

	if (!err)
		*(__u32 *)field = number;
	return err;
}

/* "12", "0.25", ".5", "5s": up to three digits after the point. */
static bool cmdline_parse_thousandths(const char *value, unsigned long long *thousandths)
{
	unsigned long long whole = 0, fraction = 0;
	unsigned int unit = 1000;
	bool point;

	if (*value != '.' && !cmdline_take_number(&value, &whole))
		return false;
	point = *value == '.';
	if (point && (*++value < '0' || *value > '9'))
		return false;
	for (; point && *value >= '0' && *value <= '9' && unit > 1; value++) {
		unit /= 10;
		fraction += (*value - '0') * unit;
	}
	value += *value == 's';
	return !*value && !__builtin_mul_overflow(whole, 1000, thousandths) &&
	       !__builtin_add_overflow(*thousandths, fraction, thousandths);
}

int cmdline_seconds(const struct cmdline_option *entry, const char *value, void *field,
		    struct cmdline_error *error)
{
	unsigned long long number;

	if (!cmdline_parse_thousandths(value, &number) || !cmdline_is_in_range(entry, number))
		return cmdline_fail(error,
				    "'%.64s' is not a number of seconds between %.10g and %.10g",
				    value, entry->min / 1000.0, entry->max / 1000.0);
	*(__u64 *)field = number;
	return 0;
}

/* The units of tcpdump(8). 0: it is none. */
static unsigned long long cmdline_unit_of(const char *suffix)
{
	static const char letters[] = "kmg";
	const char *at = *suffix ? strchr(letters, tolower((unsigned char)*suffix)) : NULL;

	if (!*suffix)
		return 1000 * 1000;
	return at && !suffix[1] ? 1024ULL << 10 * (at - letters) : 0;
}

int cmdline_size(const struct cmdline_option *entry, const char *value, void *field,
		 struct cmdline_error *error)
{
	const char *at = value;
	unsigned long long number, unit, bytes;

	if (!cmdline_take_number(&at, &number) || !(unit = cmdline_unit_of(at)))
		return cmdline_fail(error,
				    "'%.64s' is not a size: a whole number of millions of bytes, "
				    "or with k, m or g behind it of KiB, MiB or GiB",
				    value);
	if (__builtin_mul_overflow(number, unit, &bytes) || !cmdline_is_in_range(entry, bytes))
		return cmdline_fail(error, "'%.64s' is not between %llu and %llu bytes", value,
				    entry->min, entry->max);
	*(__u64 *)field = bytes;
	return 0;
}

int cmdline_percent(const struct cmdline_option *entry, const char *value, void *field,
		    struct cmdline_error *error)
{
	unsigned long long number;

	if (!cmdline_parse_thousandths(value, &number) || !cmdline_is_in_range(entry, number))
		return cmdline_fail(error,
				    "'%.64s' is not a number of percent between %.10g and %.10g",
				    value, entry->min / 1000.0, entry->max / 1000.0);
	*(__u32 *)field = number;
	return 0;
}

int cmdline_flag(const struct cmdline_option *entry, const char *value, void *field,
		 struct cmdline_error *error)
{
	(void)entry, (void)value, (void)error;
	*(bool *)field = true;
	return 0;
}

int cmdline_count(const struct cmdline_option *entry, const char *value, void *field,
		  struct cmdline_error *error)
{
	(void)entry, (void)value, (void)error;
	++*(unsigned int *)field;
	return 0;
}

int cmdline_string(const struct cmdline_option *entry, const char *value, void *field,
		   struct cmdline_error *error)
{
	if (!*value)
		return cmdline_fail(error, "its argument %s is empty", entry->argument);
	*(const char **)field = value;
	return 0;
}

int cmdline_choice(const struct cmdline_option *entry, const char *value, void *field,
		   struct cmdline_error *error)
{
	size_t length = strlen(value);
	const char *at = entry->argument;

	for (;;) {
		size_t word = strcspn(at, "|");

		if (word == length && !memcmp(at, value, word)) {
			*(const char **)field = value;
			return 0;
		}
		if (!at[word])
			return cmdline_fail(error, "'%.64s' is none of %s", value, entry->argument);
		at += word + 1;
	}
}

int cmdline_foreign(const struct cmdline_option *entry, const char *value, void *field,
		    struct cmdline_error *error)
{
	(void)value, (void)field;
	return cmdline_fail(error, "%s", entry->instead);
}

static void cmdline_fill_getopt(const struct cmdline_option *table, struct getopt_tables *tables)
{
	char *letter = tables->letters;
	int i;

	memset(tables, 0, sizeof(*tables));
	*letter++ = ':'; /* a missing argument is told from an unknown option */
	for (i = 0; table[i].name && i < CMDLINE_MAX; i++) {
		tables->names[i].name = table[i].name;
		tables->names[i].has_arg = table[i].argument ? required_argument : no_argument;
		tables->names[i].val = LONG_FIRST + i;
		if (!table[i].letter)
			continue;
		*letter++ = table[i].letter;
		if (table[i].argument)
			*letter++ = ':';
	}
}

/* @found came from getopt_long(), so that it is in the table. */
static const struct cmdline_option *cmdline_find(const struct cmdline_option *table, int found)
{
	if (found >= LONG_FIRST)
		return &table[found - LONG_FIRST];
	while (table->letter != found)
		table++;
	return table;
}

/* Names the option as it was written. */
static void cmdline_set_context(struct cmdline_error *error, const struct cmdline_option *entry,
				int found)
{
	if (found >= LONG_FIRST)
		snprintf(error->context, sizeof(error->context), "option --%.60s: ", entry->name);
	else
		snprintf(error->context, sizeof(error->context), "option -%c: ", entry->letter);
}

static int cmdline_fail_argument(const struct cmdline_option *table, bool missing,
				 struct cmdline_error *error)
{
	const struct cmdline_option *entry = cmdline_find(table, optopt);

	cmdline_set_context(error, entry, optopt);
	if (missing)
		return cmdline_fail(error, "needs an argument, %s", entry->argument);
	return cmdline_fail(error, "takes no argument");
}

static int cmdline_fail_unknown(const char *word, struct cmdline_error *error)
{
	if (!optopt)
		return cmdline_fail(error, "unknown or ambiguous option '%.64s'; see --help", word);
	if (optopt < 0x20 || optopt > 0x7e)
		return cmdline_fail(error, "unknown option '-?'; see --help");
	return cmdline_fail(error, "unknown option '-%c'; see --help", optopt);
}

int cmdline_parse(const struct cmdline_option *table, int argc, char **argv, void *target,
		  struct cmdline_error *error)
{
	const struct cmdline_option *entry;
	struct getopt_tables tables;
	int found, err;

	memset(error, 0, sizeof(*error));
	cmdline_fill_getopt(table, &tables);
	optind = 0; /* GNU: start afresh */
	opterr = 0;
	while ((found = getopt_long(argc, argv, tables.letters, tables.names, NULL)) >= 0) {
		if (found == ':' || (found == '?' && optopt >= LONG_FIRST))
			return cmdline_fail_argument(table, found == ':', error);
		if (found == '?')
			return cmdline_fail_unknown(argv[optind - 1], error);
		entry = cmdline_find(table, found);
		cmdline_set_context(error, entry, found);
		err = entry->parse(entry, optarg, (char *)target + entry->field, error);
		if (err)
			return err;
		error->context[0] = '\0';
		if (entry->last)
			break;
	}
	return optind < argc ? optind : argc;
}

static void cmdline_print_help(FILE *stream, const char *help, int column)
{
	int line;

	if (column >= HELP_COLUMN)
		fprintf(stream, "\n%*s", HELP_COLUMN, "");
	else
		fprintf(stream, "%*s", HELP_COLUMN - column, "");
	for (line = strcspn(help, "\n"); help[line]; line = strcspn(help, "\n")) {
		fprintf(stream, "%.*s\n%*s", line, help, HELP_COLUMN, "");
		help += line + 1;
	}
	fprintf(stream, "%s\n", help);
}

void cmdline_print(FILE *stream, const struct cmdline_option *table)
{
	int column;

	for (; table->name; table++) {
		if (!table->help)
			continue;
		column = table->letter ? fprintf(stream, "  -%c, ", table->letter) :
					 fprintf(stream, "      ");
		column += fprintf(stream, "--%s", table->name);
		if (table->argument)
			column += fprintf(stream, " %s", table->argument);
		cmdline_print_help(stream, table->help, column);
	}
}

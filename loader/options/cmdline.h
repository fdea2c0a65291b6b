/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Command-line options from one table: parsing, ranges and --help all come from it.
 * Knows nothing of what the options mean, keeps no state, never prints an error, never exits.
 */
#ifndef XDPDROP_CMDLINE_H
#define XDPDROP_CMDLINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define CMDLINE_MAX 64 /* entries of a table that are looked at */

/* One line, without program name and newline, safe for a terminal. */
struct cmdline_error {
	char context[80]; /* put in front of the message: "option -s: " */
	char text[512];
};

struct cmdline_option;

/*
 * Store @value (NULL for options without argument) in @field. On failure @field is untouched and
 * @error describes what is wrong with the value. Returns 0 or -EINVAL.
 */
typedef int cmdline_parse_fn(const struct cmdline_option *entry, const char *value, void *field,
			     struct cmdline_error *error);

struct cmdline_option {
	char letter;	      /* 0: has only the long name */
	const char *name;     /* NULL ends the table */
	const char *argument; /* its name, or for cmdline_choice() "one|another"; NULL: none */
	const char *help;     /* further lines after '\n'; NULL: not in --help */
	cmdline_parse_fn *parse;
	size_t field;		/* offset in what cmdline_parse() fills */
	unsigned long long min; /* range of a number */
	unsigned long long max;
	bool last;	     /* what follows is not looked at: --help */
	const char *instead; /* for cmdline_foreign(): what to type */
};

/* The kinds of values, and what they fill. Strings are borrowed from argv. */
cmdline_parse_fn cmdline_flag;	  /* bool: set */
cmdline_parse_fn cmdline_count;	  /* unsigned int: one more each time */
cmdline_parse_fn cmdline_string;  /* const char *: any but the empty string */
cmdline_parse_fn cmdline_choice;  /* const char *: one of entry->argument */
cmdline_parse_fn cmdline_u32;	  /* __u32 */
cmdline_parse_fn cmdline_u64;	  /* __u64 */
cmdline_parse_fn cmdline_seconds; /* __u64: milliseconds in min..max, written as seconds */
cmdline_parse_fn cmdline_size;	  /* __u64: bytes, written as millions, or with k, m or g */
cmdline_parse_fn cmdline_percent; /* __u32: thousandths in min..max, written as percent */
cmdline_parse_fn cmdline_foreign; /* another tool's option: fails, with ->instead */

/*
 * Parse @argv, which is reordered so that options come first, into @target.
 * Returns the index of the first argument that is no option, or -EINVAL with @error filled;
 * then @target may be filled in part.
 */
int cmdline_parse(const struct cmdline_option *table, int argc, char **argv, void *target,
		  struct cmdline_error *error);

/* Fill @error; always returns -EINVAL. */
__attribute__((format(printf, 2, 3))) int cmdline_fail(struct cmdline_error *error,
						       const char *format, ...);

/* The table as people read it in --help. */
void cmdline_print(FILE *stream, const struct cmdline_option *table);

#endif

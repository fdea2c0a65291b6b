/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * The names of a series of files, as tcpdump(8) makes them: its options -C, -G and -W.
 */
#ifndef XDPDROP_FILES_TEMPLATE_H
#define XDPDROP_FILES_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

struct template
{
	const char *text;
	bool times;	    /* has conversions of strftime() */
	unsigned int width; /* of the number that follows; 0: it is as long as needed */
};

/* The width that keeps the names of @files files in order. */
unsigned int template_width(unsigned int files);

/*
 * Write the name of file @number of the period that begins at @time to @name of @size bytes. Number
 * 0 without a width is not written. 0 or -ENAMETOOLONG.
 */
int template_name(const struct template *template, time_t time, unsigned int number, char *name,
		  size_t size);

/*
 * May file @name, without its directory, be one of the series? Conversions match as many digits as
 * they write. A conversion to words matches nothing, and so does one in the directory's name.
 */
bool template_matches(const struct template *template, const char *name);

#endif

// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Expands templates, and recognises what they were expanded to.
 */
#include "files/template.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

unsigned int template_width(unsigned int files)
{
	unsigned int width = 0;

	/* the last number is one less */
	for (unsigned int rest = files ? files - 1 : 0; rest; rest /= 10)
		width++;
	return width;
}

int template_name(const struct template *template, time_t time, unsigned int number, char *name,
		  size_t size)
{
	char expanded[PATH_MAX];
	const char *text = template->text;
	struct tm local;
	int length;

	if (template->times) {
		if (!localtime_r(&time, &local) ||
		    !strftime(expanded, sizeof(expanded), text, &local))
			return -ENAMETOOLONG;
		text = expanded;
	}
	if (number || template->width)
		length = snprintf(name, size, "%s%0*u", text, (int)template->width, number);
	else
		length = snprintf(name, size, "%s", text);
	return (size_t)length < size ? 0 : -ENAMETOOLONG;
}

static bool template_skip_digits(const char **name, unsigned int count)
{
	for (; count && isdigit((unsigned char)**name); count--)
		++*name;
	return !count;
}

/* Skip in *@name what the conversion @letter writes. */
static bool template_skip(const char **name, char letter)
{
	switch (letter) {
	case 'Y':
		return template_skip_digits(name, 4);
	case 'j':
		return template_skip_digits(name, 3);
	case 's': /* until the year 2286 */
		return template_skip_digits(name, 10);
	case '%':
		return *(*name)++ == '%';
	case 'F':
		return template_skip_digits(name, 4) && *(*name)++ == '-' &&
		       template_skip_digits(name, 2) && *(*name)++ == '-' &&
		       template_skip_digits(name, 2);
	case 'T':
		return template_skip_digits(name, 2) && *(*name)++ == ':' &&
		       template_skip_digits(name, 2) && *(*name)++ == ':' &&
		       template_skip_digits(name, 2);
	default:
		return letter && strchr("CdgHIMmSUVWy", letter) && template_skip_digits(name, 2);
	}
}

bool template_matches(const struct template *template, const char *name)
{
	const char *slash = strrchr(template->text, '/');
	const char *text = slash ? slash + 1 : template->text;
	const char *percent = template->times ? strchr(template->text, '%') : NULL;

	if (percent && percent < text)
		return false;
	for (; *text; text++) {
		if (template->times && *text == '%') {
			if (!template_skip(&name, *++text))
				return false;
			continue;
		}
		if (*name++ != *text)
			return false;
	}
	if (template->width)
		return template_skip_digits(&name, template->width) && !*name;
	return !name[strspn(name, "0123456789")];
}

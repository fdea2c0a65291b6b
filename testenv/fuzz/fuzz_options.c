// SPDX-License-Identifier: GPL-2.0-only
/*
 * The command line of xdpdrop-capture, and what it takes for a filter: any words give options
 * or one line that describes what is wrong.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "capture/capture_options.h"
#include "filter/filter.h"

#define WORDS 16

/* libpcap's optimizer is quadratic and its resolver asks name servers: neither is our subject. */
static void compile(const char *expression)
{
	struct filter filter;

	if (strlen(expression) > 64 ||
	    strspn(expression, "0123456789abcdefimnoprtu[]<>=&|!:-+*/() ") != strlen(expression))
		return;
	if (!filter_compile(&filter, expression, false, 1, CBPF_LOADS_FRAGS, NULL))
		filter_free(&filter);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *words[WORDS + 2] = { (char *)"xdpdrop-capture" };
	struct capture_options options;
	struct cmdline_error error;
	char *text = malloc(size + 1), *rest = text;
	int count = 1;

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	while (rest && count <= WORDS)
		words[count++] = strsep(&rest, "\n");
	if (capture_options_parse(count, words, &options, &error)) {
		for (const char *at = error.text; *at; at++)
			if ((unsigned char)*at < ' ')
				abort();
		if (!error.text[0])
			abort();
	} else if (options.words && options.words[0]) {
		compile(options.words[0]);
	}
	free(text);
	return 0;
}

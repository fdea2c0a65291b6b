/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Golden files: the exact bytes that a writer owes, as hex digits with a comment per line.
 * Include after <cmocka.h>. Run from the top of the tree, or define UNIT_DIR.
 */
#ifndef XDPDROP_GOLDEN_H
#define XDPDROP_GOLDEN_H

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#ifndef UNIT_DIR
#define UNIT_DIR "testenv/unit"
#endif

/* The next hex digit, or EOF; passes blanks and comments. */
static inline int golden_digit(FILE *file)
{
	int c = fgetc(file);

	while (c != EOF && !isxdigit(c)) {
		while (c == '#' && (c = fgetc(file)) != EOF && c != '\n')
			c = '#';
		if (c != EOF)
			c = fgetc(file);
	}
	if (c == EOF)
		return EOF;
	return isdigit(c) ? c - '0' : tolower(c) - 'a' + 10;
}

static inline size_t golden_read(const char *name, unsigned char *bytes, size_t most)
{
	char path[256];
	FILE *file;
	size_t size;
	int high;

	snprintf(path, sizeof(path), "%s/golden/%s", UNIT_DIR, name);
	file = fopen(path, "r");
	if (!file)
		fail_msg("%s: cannot read it; run from the top of the tree", path);
	for (size = 0; size < most && (high = golden_digit(file)) != EOF; size++)
		bytes[size] = high << 4 | golden_digit(file);
	fclose(file);
	return size;
}

static inline void assert_golden(const char *name, const void *data, size_t size)
{
	unsigned char expected[4096];
	size_t expected_size = golden_read(name, expected, sizeof(expected));

	assert_memory_equal(data, expected, size < expected_size ? size : expected_size);
	assert_int_equal(size, expected_size);
}

#endif

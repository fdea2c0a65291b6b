// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "options/verdict.h"

/* Index: the XDP action's number. */
static const char *const names[VERDICTS] = { "aborted", "drop", "pass", "tx", "redirect" };

const char *verdict_name(__u32 verdict)
{
	return names[verdict];
}

static bool verdict_is_word(const char *name, size_t length, const char *word)
{
	return strlen(word) == length && !strncasecmp(name, word, length);
}

__u32 verdict_bits(const char *name, size_t length)
{
	for (unsigned int i = 0; i < VERDICTS; i++)
		if (verdict_is_word(name, length, names[i]))
			return 1U << i;
	return verdict_is_word(name, length, "all") ? ALL_VERDICTS : 0;
}

int verdict_list(const struct cmdline_option *entry, const char *value, void *field,
		 struct cmdline_error *error)
{
	__u32 all = 0, bits;
	size_t length;

	for (;; value += length + 1) {
		length = strcspn(value, ",");
		bits = verdict_bits(value, length);
		if (!bits && verdict_is_word(value, length, "exception"))
			bits = entry->max;
		if (!bits)
			return cmdline_fail(error,
					    "'%.*s' is no action; use aborted, drop, pass, tx, "
					    "redirect%s",
					    length < 64 ? (int)length : 64, value,
					    entry->max ? ", all or exception" : " or all");
		all |= bits;
		if (!value[length])
			break;
	}
	*(__u32 *)field = all;
	return 0;
}

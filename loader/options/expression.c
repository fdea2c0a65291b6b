// SPDX-License-Identifier: GPL-2.0-only
/*
 * Text only; what it means is libpcap's business.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "options/expression.h"

/* Bytes of a file; the longest filters that the kernel takes have some hundred KiB. */
#define EXPRESSION_MAX (1024 * 1024)

/* Of pcap-filter(7); those that need a name behind them are not filters by themselves. */
static const char *const plain_words[] = {
	"ah",	   "and",	"arp",	  "broadcast", "dst",	"esp",	"ether", "gateway",
	"greater", "host",	"icmp",	  "icmp6",     "igmp",	"igrp", "ip",	 "ip6",
	"len",	   "less",	"mpls",	  "multicast", "net",	"not",	"or",	 "pim",
	"port",	   "portrange", "pppoed", "pppoes",    "proto", "rarp", "sctp",	 "src",
	"stp",	   "tcp",	"udp",	  "vlan",      "vrrp",
};

static bool expression_is_plain_word(const char *word, size_t length)
{
	if (strspn(word, "0123456789.") >= length)
		return true;
	for (size_t i = 0; i < sizeof(plain_words) / sizeof(plain_words[0]); i++)
		if (strlen(plain_words[i]) == length && !memcmp(plain_words[i], word, length))
			return true;
	return false;
}

bool expression_is_plain(const char *text)
{
	const char *between = " \t()!&|<>=+*-[]:";
	bool any = false;

	for (text += strspn(text, between); *text; text += strspn(text, between)) {
		size_t length = strcspn(text, between);

		if (!expression_is_plain_word(text, length))
			return false;
		any = true;
		text += length;
	}
	return any;
}

const char *expression_hint(const char *path)
{
	return expression_is_plain(path) ?
		       "; -f takes a file; a filter is the last argument, without an option" :
		       "";
}

char *expression_join(char *const *words)
{
	char *text = NULL;
	bool failed = false;
	size_t size;
	FILE *stream = *words ? open_memstream(&text, &size) : NULL;

	if (!stream)
		return NULL;
	for (; *words; words++)
		failed |= fprintf(stream, "%s%s", *words, words[1] ? " " : "") < 0;
	if (!fclose(stream) && !failed)
		return text;
	free(text);
	return NULL;
}

/* As tcpdump reads it: a comment goes up to the end of its line. Returns what is wrong, or NULL. */
static const char *expression_copy_text(FILE *from, FILE *to)
{
	bool comment = false;
	size_t size = 0;
	int byte;

	while ((byte = getc(from)) != EOF) {
		if (++size > EXPRESSION_MAX)
			return "it has more than 1 MiB, and is no filter";
		/* what follows the NUL would be lost */
		if (!byte)
			return "it has a NUL byte, and a filter is plain text";
		comment = byte != '\n' && (comment || byte == '#');
		if (!comment)
			putc(byte == '\n' ? ' ' : byte, to);
	}
	return ferror(from) ? strerror(errno) : NULL;
}

char *expression_read(const char *path, const char **wrong)
{
	FILE *from = fopen(path, "re"), *to;
	char *text = NULL;
	size_t size;

	*wrong = strerror(errno);
	if (!from)
		return NULL;
	to = open_memstream(&text, &size);
	*wrong = to ? expression_copy_text(from, to) : strerror(errno);
	if (to && fclose(to) && !*wrong)
		*wrong = strerror(errno);
	fclose(from);
	if (!*wrong)
		return text;
	free(text);
	return NULL;
}

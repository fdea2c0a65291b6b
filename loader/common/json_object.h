/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reads one JSON object: checks all of it by RFC 8259, and finds a few of its own members.
 */
#ifndef XDPDROP_JSON_OBJECT_H
#define XDPDROP_JSON_OBJECT_H

#include <stdbool.h>
#include <stddef.h>

/* A member that is looked for. @value is the caller's. */
struct json_member {
	const char *name;
	char *value; /* a string without its escapes, or a number as written; cut to fit */
	size_t size; /* of @value */
	bool found;  /* it is a string or a number */
};

/*
 * Is @text, which is terminated, one object, with white space around it at most? Fills @members;
 * the last of several with one name counts. Objects within it may be 32 deep. A lone surrogate, as
 * in "\ud800", and a NUL character, as in "\u0000", are not accepted.
 */
bool json_object_read(const char *text, struct json_member *members, unsigned int count);

#endif

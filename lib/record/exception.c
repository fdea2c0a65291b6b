// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Writes the text of an exception, which becomes the comment of its record.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/action.h"
#include "record/exception.h"

static const char *const tracepoints[] = {
	[XDPDROP_XDP_EXCEPTION] = "xdp_exception",
	[XDPDROP_REDIRECT_ERR] = "xdp_redirect_err",
	[XDPDROP_BULK_TX] = "xdp_bulk_tx",
	[XDPDROP_DEVMAP_XMIT] = "xdp_devmap_xmit",
};

const char *exception_tracepoint(__u32 number)
{
	return number < sizeof(tracepoints) / sizeof(tracepoints[0]) ? tracepoints[number] : NULL;
}

struct text {
	char *at;
	size_t size, used;
};

__attribute__((format(printf, 2, 3))) static void exception_add(struct text *text,
								const char *format, ...)
{
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(text->at + text->used, text->size - text->used, format, args);
	va_end(args);
	if (length > 0)
		text->used += length;
	if (text->used >= text->size)
		text->used = text->size - 1;
}

void exception_describe(const struct xdpdrop_record *record, char *buffer, size_t size)
{
	struct text text = { .at = buffer, .size = size };
	struct xdpdrop_exception exception;

	/* the data of a record may be unaligned */
	memcpy(&exception, record->data, sizeof(exception));
	exception_add(&text, "%s:", exception_tracepoint(exception.tracepoint) ?: "unknown");
	if (exception.program_id)
		exception_add(&text, " program id %u,", exception.program_id);
	if (action_name(exception.action))
		exception_add(&text, " action %s", action_name(exception.action));
	else
		exception_add(&text, " invalid action %u", exception.action);
	if (exception.to_ifindex)
		exception_add(&text, ", to interface index %u", exception.to_ifindex);
	if (exception.error)
		exception_add(&text, ", error %d (%s)", -exception.error,
			      strerrordesc_np(-exception.error) ?: "unknown");
	if (exception.frames != 1)
		exception_add(&text, ", %u frames", exception.frames);
}

/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * The check that turns ring bytes into a record. Owns no memory, and depends on no ring.
 */
#include "record/record.h"

#include <errno.h>

#define KNOWN_FLAGS                                                                                \
	(XDPDROP_F_TRUNCATED | XDPDROP_F_FAULT | XDPDROP_F_INVALID_ACTION | XDPDROP_F_EXCEPTION)
#define LAST_ACTION 4 /* XDP_REDIRECT */

int record_check(const void *data, size_t size)
{
	const struct xdpdrop_record *record = data;

	if (size < sizeof(*record) || record->version != XDPDROP_RECORD_VERSION)
		return -EPROTO;
	if (record->caplen > record->len)
		return -EPROTO;
	/* Records are reserved by size class, so there may be more room than frame. */
	if (record->caplen > size - sizeof(*record))
		return -EPROTO;
	/* A flag that this version does not know could change what the rest means. */
	if (record->action > LAST_ACTION || record->flags & ~KNOWN_FLAGS)
		return -EPROTO;
	if (record->flags & XDPDROP_F_EXCEPTION &&
	    (record->len || record->caplen ||
	     size - sizeof(*record) < sizeof(struct xdpdrop_exception)))
		return -EPROTO;
	return 0;
}

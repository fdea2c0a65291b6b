/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * As much of a long text as can be quoted in a message of one line.
 */
#ifndef XDPDROP_FILTER_ELLIPSIS_H
#define XDPDROP_FILTER_ELLIPSIS_H

#define ELLIPSIS_MOST 72 /* bytes of the text; one that has no more is quoted as it is */
#define ELLIPSIS_SIZE (ELLIPSIS_MOST + sizeof("......"))

/*
 * Copy the words of @text that are around @place, which is in it, or its first words if @place is
 * NULL, with "..." for what is left out. Returns where @place is in the copy.
 */
const char *ellipsis_take(char ellipsis[ELLIPSIS_SIZE], const char *text, const char *place);

#endif

/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * The places of tag members in a dispatcher. A tag member captures frames only if a program before
 * it tags them and one after it drops them.
 */
#ifndef XDPDROP_TAP_TAG_PLACE_H
#define XDPDROP_TAP_TAG_PLACE_H

#include "tap/tap.h"

/* The nearest member before or after program @id that is not a tag member, or NULL. */
const struct pipeline_program *tag_place_before(const struct pipeline *pipeline, __u32 id);
const struct pipeline_program *tag_place_behind(const struct pipeline *pipeline, __u32 id);

/*
 * Is tag member @id to be armed? False at a place where it captures nothing, and for a tag member
 * of a dead session.
 */
bool tag_place_is_tap(const struct tap_context *context, __u32 id);

/*
 * Explain why a tag member of the pipeline is not armed, and how to load it. Empty if all are
 * armed.
 */
void tag_place_explain(const struct tap_context *context, char *why, size_t size);

#endif

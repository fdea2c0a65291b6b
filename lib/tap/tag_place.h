/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Where tag members stand among the members of a dispatcher: one shows what it is there for only
 * if a program before it tags frames and one behind it drops them.
 */
#ifndef XDPDROP_TAP_TAG_PLACE_H
#define XDPDROP_TAP_TAG_PLACE_H

#include "tap/tap.h"

/* The nearest members before and behind program @id that are no tag members; NULL: none. */
const struct pipeline_program *tag_place_before(const struct pipeline *pipeline, __u32 id);
const struct pipeline_program *tag_place_behind(const struct pipeline *pipeline, __u32 id);

/*
 * Is tag member @id one to arm? Not where nothing can come of it, nor one that a dead capture has
 * left.
 */
bool tag_place_is_tap(const struct tap_context *context, __u32 id);

/* Why a tag member of the pipeline is not, and how to load it; empty: all are. */
void tag_place_explain(const struct tap_context *context, char *why, size_t size);

#endif

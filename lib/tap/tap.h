/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * A tap: one way of having the capture program called. Each is a table of functions; the
 * session picks one and never asks which it is.
 */
#ifndef XDPDROP_TAP_TAP_H
#define XDPDROP_TAP_TAP_H

#include "filter/filter.h"
#include "bpf/capture_maps.h"
#include "process/watchdog.h"
#include "xdp/pipeline.h"
#include "record/points.h"

/* What a tap works with; everything belongs to the session. */
struct tap_context {
	const struct log *log;
	const struct xdpdrop_opts *opts; /* complete, except for the tap */
	struct capture_maps *maps;
	struct points *points;
	const struct filter_set *filters;
	bool tag_hooks;		   /* tap hook: arm hooks of tag members, too */
	bool may_place;		   /* tap tag: place a member where there is none */
	bool combined;		   /* hooks and exits of the interface are captured at once */
	struct watchdog *watchdog; /* gets a record of each change before it is made */
	struct pipeline pipeline;  /* as last read */
};

struct tap_state;

struct tap {
	const char *name;
	size_t state_size; /* of this tap's struct tap_state */
	bool has_reasons;  /* a program can say why it drops a frame */
	/*
	 * Would it work on context->pipeline? Changes nothing. 0, or -errno with the reason in
	 * words in @why: a clause without capital and period.
	 */
	int (*check)(const struct tap_context *context, char *why, size_t size);
	/* Start capturing with a zeroed @state; on failure it is undone and closed. Logs its errors. */
	int (*arm)(struct tap_context *context, struct tap_state *state);
	/*
	 * Follow what has changed since. 0; negative when there is nothing left to capture from
	 * and nothing to wait for: -ENODEV the interface, -ESTALE the program has gone.
	 */
	int (*resync)(struct tap_context *context, struct tap_state *state);
	/*
	 * Three verbs lead back. undo() takes out of the kernel what arm() and resync() have put
	 * there; what somebody else has put in its place stays. It logs its errors. close() closes
	 * this process's descriptors, and what was not undone stays armed. free() frees what the
	 * state points to; NULL: nothing.
	 */
	void (*undo)(struct tap_context *context, struct tap_state *state);
	void (*close)(struct tap_state *state);
	void (*free)(struct tap_state *state);
	/* Add this process's descriptors to @list. */
	void (*keep)(const struct tap_state *state, struct fd_list *list);
};

/* Add the descriptors of a loaded object to @list. */
void tap_keep(const struct bpf_object *object, struct fd_list *list);

/* tap->arm() with a new state. On failure nothing has changed. */
int tap_arm(const struct tap *tap, struct tap_context *context, struct tap_state **state);

/* tap->free(), and the state itself. */
void tap_free(const struct tap *tap, struct tap_state *state);

/* A capture point of @tap on the context's interface. */
struct xdpdrop_point tap_point(const struct tap_context *context, const struct tap *tap,
			       __u32 program_id, const char *program);

extern const struct tap tap_hook;
extern const struct tap tap_tag;
extern const struct tap tap_exit;
extern const struct tap tap_wrap;

/* Of hooks, tag members and exits, each frame once. */
extern const struct tap tap_combined;

/* Not one of which one is chosen: beside another, or alone. */
extern const struct tap tap_exception;

/* Put the session's filter, if there is one, into an opened program. 0 or -errno; logged. */
int tap_filter(const struct tap_context *context, struct bpf_program *program, bool tracing);

/*
 * A program with the session's filter could not be loaded, @error. True if the filter's size is
 * why; that has been logged then.
 */
bool tap_filter_refused(const struct tap_context *context, int error, bool tracing);

/* What helps against @error of loading or attaching a program: the end of a message, or nothing. */
const char *tap_hint(int error);

#endif

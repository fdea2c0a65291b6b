/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * A tap: one way to have the capture program called. Each tap is a table of functions. The session
 * selects one and never tests which one it is.
 */
#ifndef XDPDROP_TAP_TAP_H
#define XDPDROP_TAP_TAP_H

#include "base/interrupt.h"
#include "filter/filter.h"
#include "bpf/capture_maps.h"
#include "process/watchdog.h"
#include "xdp/pipeline.h"
#include "record/points.h"

/* What a tap works with; owned by the session. */
struct tap_context {
	const struct log *log;
	const struct xdpdrop_opts *opts; /* complete except for the tap */
	struct capture_maps *maps;
	struct points *points;
	const struct filter_set *filters;
	bool tag_hooks;			   /* tap hook: also arm hooks of tag members */
	bool may_place;			   /* tap tag: add a tag member if there is none */
	bool combined;			   /* taps hook and exit are both armed */
	struct watchdog *watchdog;	   /* gets a record of each change before the change */
	const struct interrupt *interrupt; /* may end arm(); NULL: nothing does */
	struct pipeline pipeline;	   /* the interface's, as last read */
};

struct tap_state;

/* Of whose drops a tap shows each one. */
enum tap_shows {
	TAP_SHOWS_ALL,
	TAP_SHOWS_ROOT,	 /* programs whose verdict is the root's */
	TAP_SHOWS_HOOKS, /* programs with a hook */
	TAP_SHOWS_TAGS,	 /* nobody's: frames that are tagged */
};

/* A hook of a tag member may be armed beside others, and its capture points are tap tag's. */
#define TAP_HOOK "hook"
#define TAP_TAG "tag"

struct tap {
	const char *name;
	size_t state_size; /* of this tap's struct tap_state */
	enum tap_shows shows;
	bool has_reasons; /* a program can report why it drops a frame */
	/*
	 * Would the tap work on context->pipeline? Changes nothing. 0, or -errno with the reason in
	 * @why: a clause without capital letter and period.
	 */
	int (*check)(const struct tap_context *context, char *why, size_t size);
	/*
	 * Start capturing. @state is zeroed; on failure tap_arm() undoes and closes it. Logs
	 * errors, but -EINTR: context->interrupt.
	 */
	int (*arm)(struct tap_context *context, struct tap_state *state);
	/*
	 * Follow changes of the pipeline. 0; -ENODEV: the interface is gone; -ESTALE: the program
	 * is gone, and there is nothing to wait for.
	 */
	int (*resync)(struct tap_context *context, struct tap_state *state);
	/*
	 * Is what was armed still there, as far as this process's descriptors show? NULL: only
	 * resync() can tell.
	 */
	bool (*is_intact)(const struct tap_state *state);
	/*
	 * Three functions undo arm(). undo() reverts what arm() and resync() have changed in the
	 * kernel, except where another process has changed it again; it logs errors. close() closes
	 * this process's descriptors; what was not undone stays armed. free() frees memory to which
	 * the state points; NULL: none.
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

/* A capture point of the tap with the name @tap on the context's interface. */
struct xdpdrop_point tap_point(const struct tap_context *context, const char *tap, __u32 program_id,
			       const char *program);

extern const struct tap tap_hook;
extern const struct tap tap_tag;
extern const struct tap tap_exit;
extern const struct tap tap_wrap;

/* Captures hooks, tag members and exits, each frame once. */
extern const struct tap tap_combined;

/* Is never selected: it is armed beside another tap, or alone. */
extern const struct tap tap_exception;

/*
 * Put @constants, and the session's filter if there is one, into an opened program. 0 or -errno; of
 * the filter, logged.
 */
int tap_complete(const struct tap_context *context, struct bpf_program *program,
		 const struct xdpdrop_constants *constants, bool tracing);

/*
 * A program with the session's filter could not be loaded, because of @error. Returns true if the
 * filter's size is the reason; that is logged.
 */
bool tap_filter_refused(const struct tap_context *context, int error, bool tracing);

/*
 * Advice for @error of loading or attaching a program: the end of a message, or the empty string.
 */
const char *tap_hint(int error);

#endif

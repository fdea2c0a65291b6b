// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Arms taps hook and exit together. Hooks and tag members report reasons for the frames that reach
 * them; exits capture all other frames. A frame that a hook has captured is skipped at the exit.
 */
#include "tap/tap.h"

struct tap_state {
	struct tap_state *exits;
	struct tap_state *hooks;
};

static int combined_tap_check(const struct tap_context *context, char *why, size_t size)
{
	int err = tap_exit.check(context, why, size);

	if (err)
		return err;
	err = tap_hook.check(context, why, size);
	return err ? tap_tag.check(context, why, size) : 0;
}

static bool combined_tap_is_intact(const struct tap_state *state)
{
	return !state->hooks || tap_hook.is_intact(state->hooks);
}

static void combined_tap_undo(struct tap_context *context, struct tap_state *state)
{
	if (state->hooks)
		tap_hook.undo(context, state->hooks);
	if (state->exits)
		tap_exit.undo(context, state->exits);
}

static void combined_tap_close(struct tap_state *state)
{
	if (state->hooks)
		tap_hook.close(state->hooks);
	if (state->exits)
		tap_exit.close(state->exits);
}

static void combined_tap_free(struct tap_state *state)
{
	if (state->hooks)
		tap_free(&tap_hook, state->hooks);
	if (state->exits)
		tap_free(&tap_exit, state->exits);
}

static void combined_tap_keep(const struct tap_state *state, struct fd_list *list)
{
	if (state->hooks)
		tap_hook.keep(state->hooks, list);
	if (state->exits)
		tap_exit.keep(state->exits, list);
}

/* Exits first: they clear the marks that hooks set. */
static int combined_tap_arm(struct tap_context *context, struct tap_state *state)
{
	int err;

	context->combined = true;
	err = tap_arm(&tap_exit, context, &state->exits);
	return err ? err : tap_arm(&tap_hook, context, &state->hooks);
}

static int combined_tap_resync(struct tap_context *context, struct tap_state *state)
{
	int err = tap_exit.resync(context, state->exits);

	return err ?: tap_hook.resync(context, state->hooks);
}

const struct tap tap_combined = {
	.name = "hook and exit",
	.state_size = sizeof(struct tap_state),
	.has_reasons = true,
	.check = combined_tap_check,
	.arm = combined_tap_arm,
	.resync = combined_tap_resync,
	.is_intact = combined_tap_is_intact,
	.undo = combined_tap_undo,
	.close = combined_tap_close,
	.free = combined_tap_free,
	.keep = combined_tap_keep,
};

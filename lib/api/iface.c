// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Joins pipeline and tap, and messages what happens to the interface itself.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "api/iface.h"
#include "base/clock.h"
#include "tap/tag_place.h"
#include "tap/tap_select.h"
#include "tap/unseen.h"

int iface_read(struct iface *iface, const char *ifname)
{
	int err = pipeline_read(&iface->context.pipeline, ifname, 0, iface->context.log);

	if (err == -ENODEV)
		return log_error(iface->context.log, err, "there is no interface %s", ifname);
	if (err)
		return iface_kernel_error(err);
	err = iface->context.pipeline.error;
	if (err)
		log_error(iface->context.log, err, "cannot look at all programs of %s: %s", ifname,
			  strerror(-err));
	return iface_kernel_error(err);
}

/* What of the pipeline nobody looks at is said once. */
static void iface_warn_unread(struct iface *iface)
{
	const struct pipeline *pipeline = &iface->context.pipeline;

	if (pipeline->unread_slots == iface->unread_slots)
		return;
	iface->unread_slots = pipeline->unread_slots;
	if (iface->unread_slots)
		log_warn(iface->context.log,
			 "%s: %u slots of tail-call tables or maps of maps are not looked at, the "
			 "last ones of the one with map id %u: hooks of programs there are not "
			 "followed",
			 pipeline->ifname, iface->unread_slots, pipeline->long_table);
}

/* Likewise what cannot be looked at for the time being. */
static void iface_warn_error(struct iface *iface)
{
	const struct pipeline *pipeline = &iface->context.pipeline;

	if (!pipeline->error == !iface->error)
		return;
	iface->error = pipeline->error;
	if (iface->error)
		log_warn(
			iface->context.log,
			"cannot look at all programs of %s now: %s; what is followed stays so, and "
			"a program that comes is followed later",
			pipeline->ifname, strerror(-iface->error));
	else
		log_info(iface->context.log, "all programs of %s can be looked at again",
			 pipeline->ifname);
}

static int iface_arm_taps(struct iface *iface)
{
	int err = tap_arm(iface->tap, &iface->context, &iface->state);

	if (!err && interrupt_wanted(iface->context.interrupt))
		return -EINTR;
	if (err || iface->tap == &tap_exception ||
	    !(iface->context.opts->actions & XDPDROP_EXCEPTIONS))
		return err;
	return tap_arm(&tap_exception, &iface->context, &iface->exceptions);
}

/* Add up the time during which some drops are not captured. */
static void iface_note_unseen(struct iface *iface, const char *unseen)
{
	__u64 now = clock_monotonic();

	if (iface->unseen[0]) {
		iface->unseen_ns += now - iface->unseen_since;
		memcpy(iface->unseen_before, iface->unseen, sizeof(iface->unseen_before));
	}
	iface->unseen_since = unseen[0] ? now : 0;
	snprintf(iface->unseen, sizeof(iface->unseen), "%s", unseen);
}

/* Programs whose drops are not captured are reported once, and again after a change. */
static void iface_warn_unseen(struct iface *iface)
{
	char unseen[sizeof(iface->unseen)];

	if (!pipeline_is_whole(&iface->context.pipeline))
		return;
	unseen_describe_now(&iface->context, iface->tap, unseen, sizeof(unseen));
	if (!strcmp(unseen, iface->unseen))
		return;
	iface_note_unseen(iface, unseen);
	if (unseen[0])
		log_warn(iface->context.log, "%s: %s", iface->context.pipeline.ifname, unseen);
}

/* So is a tap that is better than the one that was the best at the start. */
static void iface_report_better(struct iface *iface)
{
	char better[sizeof(iface->better)];

	if (!iface->automatic || !pipeline_is_whole(&iface->context.pipeline))
		return;
	tap_select_better(&iface->context, iface->tap, better, sizeof(better));
	if (!strcmp(better, iface->better))
		return;
	memcpy(iface->better, better, sizeof(better));
	if (better[0])
		log_warn(iface->context.log, "%s: %s", iface->context.pipeline.ifname, better);
}

/* The user's tag member is no tap where it stands. */
static void iface_warn_misplaced(const struct iface *iface)
{
	const struct tap_context *context = &iface->context;
	char why[512];

	if (!context->tag_hooks && !context->may_place)
		return;
	tag_place_explain(context, why, sizeof(why));
	if (why[0])
		log_warn(context->log, "%s: %s", context->pipeline.ifname, why);
}

/* Before they have records. */
static void iface_name_lower(const struct iface *iface)
{
	const struct lower_set *set = &iface->context.pipeline.lower;

	for (unsigned int i = 0; i < set->count; i++)
		points_name_device(iface->context.points, set->lower[i].ifindex,
				   set->lower[i].name);
}

static void iface_warn_of_left_out(const struct iface *iface, unsigned int before)
{
	const struct lower_set *set = &iface->context.pipeline.lower;

	if (set->left_out && set->left_out != before)
		log_warn(iface->context.log,
			 "%u of the interfaces below %s, %s for one, are not followed: there are "
			 "more than %d",
			 set->left_out, iface->context.pipeline.ifname, set->left_out_name,
			 XDPDROP_MAX_LOWER);
}

/* Frames that come to a new one before its number is in the programs' tables are not captured. */
static void iface_report_lower(const struct iface *iface, const struct lower_set *before)
{
	const struct pipeline *pipeline = &iface->context.pipeline;
	const struct log *log = iface->context.log;

	for (unsigned int i = 0; i < pipeline->lower.count; i++)
		if (!lower_find(before, pipeline->lower.lower[i].ifindex))
			log_warn(log, "interface %s has joined %s and is followed from now on",
				 pipeline->lower.lower[i].name, pipeline->ifname);
	for (unsigned int i = 0; i < before->count; i++)
		if (!lower_find(&pipeline->lower, before->lower[i].ifindex))
			log_warn(log, "interface %s has left %s and is followed no more",
				 before->lower[i].name, pipeline->ifname);
	iface_warn_of_left_out(iface, before->left_out);
}

/*
 * Because of a signal the kernel gives up verifying a program (EAGAIN): they come between two
 * programs.
 */
int iface_arm(struct iface *iface, const int *broken)
{
	struct interrupt interrupt;
	int err;

	iface_name_lower(iface);
	iface_warn_of_left_out(iface, 0);
	interrupt_begin(&interrupt, broken);
	iface->context.interrupt = &interrupt;
	err = iface_arm_taps(iface);
	iface->context.interrupt = NULL;
	interrupt_end(&interrupt);
	if (!err) {
		iface_warn_unread(iface);
		iface_warn_misplaced(iface);
		iface_warn_unseen(iface);
		iface->armed_at = clock_monotonic();
		driver_count_begin(&iface->driver, &iface->context);
	}
	pipeline_close(&iface->context.pipeline);
	return err;
}

/* Nothing of such a dispatcher can be captured: an error is better than an empty file. */
static int iface_check_hidden(const struct iface *iface)
{
	const struct pipeline *pipeline = &iface->context.pipeline;
	char why[512];

	if (iface->tap == &tap_exception || !pipeline_is_hidden(pipeline))
		return 0;
	unseen_explain_hidden(&iface->context, why, sizeof(why));
	return log_error(iface->context.log, -ENOENT, "interface %s is followed no more: %s",
			 pipeline->ifname, why);
}

int iface_resync(struct iface *iface)
{
	struct pipeline *pipeline = &iface->context.pipeline;
	const struct log *log = iface->context.log;
	const struct lower_set lower = pipeline->lower;
	char before[IF_NAMESIZE];
	int err;

	memcpy(before, pipeline->ifname, sizeof(before));
	err = pipeline_read(pipeline, NULL, pipeline->ifindex, log);
	if (err == -ENODEV)
		return log_error(log, err, "interface %s has gone, and is followed no more",
				 before);
	/* another failure may pass; what is armed stays armed */
	if (err)
		return 0;
	if (strcmp(before, pipeline->ifname) != 0)
		log_warn(log, "interface %s is now called %s", before, pipeline->ifname);
	iface_name_lower(iface);
	iface_warn_error(iface);
	iface_warn_unread(iface);
	err = iface_check_hidden(iface);
	if (!err)
		err = iface->tap->resync(&iface->context, iface->state);
	if (!err) {
		driver_count_follow(&iface->driver, &iface->context, iface->tap);
		iface_warn_unseen(iface);
		iface_report_better(iface);
	}
	if (iface->exceptions)
		tap_exception.resync(&iface->context, iface->exceptions);
	iface_report_lower(iface, &lower);
	pipeline_close(pipeline);
	return err;
}

/* A state that lasted from the start to the end was reported at the start. */
void iface_report_unseen(const struct iface *iface)
{
	const struct tap_context *context = &iface->context;
	const __u64 now = clock_monotonic(), whole_ns = now - iface->armed_at;
	const char *ifname = context->pipeline.ifname;
	__u64 unseen_ns = iface->unseen_ns;

	if (!iface->state)
		return;
	if (iface->unseen_since)
		unseen_ns += now - iface->unseen_since;
	if (unseen_ns > whole_ns)
		unseen_ns = whole_ns;
	if (iface->unseen[0] && !points_has_open(context->points, context->pipeline.ifindex))
		log_error(context->log, -ENOENT,
			  "%s: no program was followed at the end: %s; drops were not seen for "
			  "%.1f of %.1f seconds",
			  ifname, iface->unseen, unseen_ns / 1e9, whole_ns / 1e9);
	else if (iface->unseen_before[0] || iface->unseen_since > iface->armed_at)
		log_warn(context->log, "%s: drops were not seen for %.1f of %.1f seconds: %s",
			 ifname, unseen_ns / 1e9, whole_ns / 1e9,
			 iface->unseen[0] ? iface->unseen : iface->unseen_before);
	driver_count_report(&iface->driver, context, iface->tap);
}

void iface_forget(struct iface *iface)
{
	pipeline_free(&iface->context.pipeline);
	filter_set_free(&iface->filters);
}

static void iface_end(const struct tap *tap, struct tap_state **state)
{
	if (!*state)
		return;
	tap->close(*state);
	tap_free(tap, *state);
	*state = NULL;
}

void iface_release(struct iface *iface)
{
	iface_end(&tap_exception, &iface->exceptions);
	iface_end(iface->tap, &iface->state);
}

void iface_undo(struct iface *iface)
{
	if (iface->exceptions)
		tap_exception.undo(&iface->context, iface->exceptions);
	if (iface->state)
		iface->tap->undo(&iface->context, iface->state);
}

bool iface_is_intact(const struct iface *iface)
{
	return !iface->state || !iface->tap->is_intact || iface->tap->is_intact(iface->state);
}

void iface_keep(const struct iface *iface, struct fd_list *list)
{
	if (iface->exceptions)
		tap_exception.keep(iface->exceptions, list);
	if (iface->state)
		iface->tap->keep(iface->state, list);
}

// SPDX-License-Identifier: LGPL-2.1-only
/*
 * The beginning of a file, and the capture points in it.
 */
#include "output/sink.h"

/* Number it as the recorder does. */
static int sink_keep_interface(struct sink *sink, const struct writer_interface *interface)
{
	__u32 number;
	int err = sink->writer->interface(recorder_block(sink->recorder), interface);

	err = err ? err : recorder_keep_interface(sink->recorder, &number);
	if (!err)
		sink->interfaces = number + 1;
	return err;
}

int sink_put_interface(struct sink *sink, const struct writer_interface *interface)
{
	if (sink->recorder)
		return sink_keep_interface(sink, interface);
	sink->interfaces++;
	return sink->writer->interface(&sink->out, interface);
}

int sink_announce(struct sink *sink, struct point *point, const struct point_view *view)
{
	int err =
		sink->describe(sink->describe_data, sink, point - sink->points->point, view->info);

	if (!err)
		view->interface[sink->reader] = point->use[sink->reader].last_interface =
			sink->interfaces;
	return err;
}

/*
 * Replaced programs are announced only with their first record: there may be thousands without any.
 */
int sink_announce_new(struct sink *sink)
{
	int err = 0;

	for (unsigned int i = 0; !err && i < sink->points->count; i++)
		if (!sink->points->point[i].info.error && !sink->points->point[i].info.gone)
			err = sink_announce_point(sink, i);
	return err;
}

int sink_announce_point(struct sink *sink, unsigned int index)
{
	struct point *point = &sink->points->point[index];
	const struct point_view view = points_view(point, ~0ULL);

	if (!sink->writer || !sink->writer->interface || point->use[sink->reader].last_interface)
		return 0;
	return sink_announce(sink, point, &view);
}

static void sink_forget_interfaces(struct sink *sink)
{
	sink->interfaces = 0;
	for (unsigned int i = 0; i < sink->points->count; i++) {
		struct point *point = &sink->points->point[i];

		point->interface[sink->reader] = point->use[sink->reader].last_interface = 0;
		for (struct point_past *past = point->past; past; past = past->older)
			past->interface[sink->reader] = 0;
	}
}

int sink_begin_file(struct sink *sink)
{
	int err = sink->writer->begin(&sink->out, &sink->file);

	if (sink->recorder)
		return err ? err : recorder_begin_file(sink->recorder, &sink->out);
	sink_forget_interfaces(sink);
	return err ? err : sink_announce_new(sink);
}

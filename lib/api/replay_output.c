// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Makes a record of each frame for the writer. The file gets one interface for each interface of
 * the input and each hook or program that decided there.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/replay_output.h"
#include "api/session.h"
#include "base/array.h"

#define REPLAY_LINKTYPE_ETHERNET 1
#define REPLAY_LAST_ACTION 4 /* XDP_REDIRECT */
#define REPLAY_BUFFER_BYTES (1U << 18)

struct replay_interface {
	unsigned int point;
	bool own; /* its name is that of the program's interface */
	char ifname[64];
};

struct replay_output {
	struct replay_interface *interface; /* by number in the file */
	unsigned int count, last;
	struct xdpdrop_record record; /* with room for the bytes behind it */
};

int replay_output_begin(struct xdpdrop *session)
{
	struct sink *sink = &session->sink;

	if (session->replay_output || !session->output.size || session->output.listen_fds)
		return -EINVAL;
	session->replay_output = calloc(1, sizeof(struct replay_output) + XDPDROP_MAX_CAPLEN + 1);
	if (!session->replay_output)
		return -ENOMEM;
	sink->file.link_type = REPLAY_LINKTYPE_ETHERNET;
	buffer_keep_short(&sink->out, REPLAY_BUFFER_BYTES);
	return sink_begin(sink, &session->points, XDPDROP_MAX_CAPLEN, "replayed, not received");
}

static unsigned int replay_point(const struct xdpdrop *session, const struct xdpdrop_point *info)
{
	return (const struct point *)info - session->points.point;
}

static int replay_add_interface(struct xdpdrop *session, const char *ifname, unsigned int index)
{
	struct replay_output *output = session->replay_output;
	const struct xdpdrop_point *info = &session->points.point[index].info;
	char name[160], description[256];
	const struct writer_interface interface = {
		.name = name,
		.description = description,
		.snaplen = XDPDROP_MAX_CAPLEN,
		.link_type = REPLAY_LINKTYPE_ETHERNET,
	};
	struct replay_interface *added;

	ifname = ifname ? ifname : info->ifname;
	if (!ARRAY_GROW(output->interface, output->count))
		return -ENOMEM;
	added = &output->interface[output->count];
	added->point = index;
	added->own = !strcmp(ifname, info->ifname);
	snprintf(added->ifname, sizeof(added->ifname), "%s", ifname);
	snprintf(name, sizeof(name), "%s:%s%s%s", ifname, info->program, info->hook_id ? ":" : "",
		 info->hook);
	snprintf(description, sizeof(description), "replay by XDP program %s (id %u)%s%s",
		 info->program, info->program_id, info->hook_id ? ", hook " : "", info->hook);
	output->last = output->count++;
	return session->sink.writer->interface ? sink_put_interface(&session->sink, &interface) : 0;
}

/* @ifname NULL: the program's own. */
static bool replay_is_interface(const struct replay_interface *interface, const char *ifname,
				unsigned int point)
{
	if (interface->point != point)
		return false;
	return ifname ? !strncmp(interface->ifname, ifname, sizeof(interface->ifname) - 1) :
			interface->own;
}

/* Most frames are of the interface of the one before. */
static int replay_choose_interface(struct xdpdrop *session, const char *ifname, unsigned int point)
{
	struct replay_output *output = session->replay_output;

	if (output->count && replay_is_interface(&output->interface[output->last], ifname, point))
		return 0;
	for (unsigned int i = 0; i < output->count; i++) {
		if (!replay_is_interface(&output->interface[i], ifname, point))
			continue;
		output->last = i;
		return 0;
	}
	return replay_add_interface(session, ifname, point);
}

static void replay_fill_record(struct xdpdrop_record *record,
			       const struct xdpdrop_replay_frame *frame,
			       const struct xdpdrop_replay_result *result, unsigned int point)
{
	bool known = result->action <= REPLAY_LAST_ACTION;
	__u32 caplen = frame->caplen < XDPDROP_MAX_CAPLEN ? frame->caplen : XDPDROP_MAX_CAPLEN;

	*record = (struct xdpdrop_record){
		.version = XDPDROP_RECORD_VERSION,
		.len = frame->len < frame->caplen ? frame->caplen : frame->len,
		.caplen = caplen,
		.reason = result->reason,
		.rule = result->rule,
		.point = point,
		.rx_queue = frame->rx_queue,
		.action = known ? result->action : 0,
		.flags = known ? 0 : XDPDROP_F_INVALID_ACTION,
	};
	memcpy(record->data, frame->data, caplen);
}

static const char *replay_comment(struct xdpdrop *session, const struct xdpdrop_record *record)
{
	return comments_of(&session->sink.comments, &session->points,
			   &session->points.point[record->point].reasons, record);
}

const char *replay_output_comment(struct xdpdrop *session,
				  const struct xdpdrop_replay_result *result)
{
	const struct xdpdrop_record record = { .reason = result->reason,
					       .rule = result->rule,
					       .point = replay_point(session, result->point) };

	return replay_comment(session, &record);
}

int replay_output_write(struct xdpdrop *session, const struct xdpdrop_replay_frame *frame,
			const struct xdpdrop_replay_result *result)
{
	struct replay_output *output = session->replay_output;
	unsigned int point = replay_point(session, result->point);
	struct writer_packet packet = { .realtime = frame->realtime, .kept = frame->comments };
	int err = replay_choose_interface(session, frame->ifname, point);

	if (err)
		return err;
	packet.interface = output->last;
	replay_fill_record(&output->record, frame, result, point);
	packet.reason =
		result->comment ? result->comment : replay_comment(session, &output->record);
	return sink_put(&session->sink, &output->record, &packet);
}

void replay_output_free(struct replay_output *output)
{
	if (output)
		free(output->interface);
	free(output);
}

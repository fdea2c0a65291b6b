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
#define REPLAY_CHAIN_BITS 12 /* a file may have thousands of interfaces */

struct replay_interface {
	unsigned int point;
	bool own;   /* its name is that of the program's interface */
	__u32 next; /* in its chain, number plus 1; 0: none */
	char ifname[64];
};

struct replay_output {
	struct replay_interface *interface; /* by number in the file */
	unsigned int count, last;
	__u32 chain[1 << REPLAY_CHAIN_BITS]; /* by name and point: number plus 1; 0: none */
	/* Of the frame before: most frames have the same verdict, reason and interface. */
	const struct xdpdrop_point *point; /* NULL: there is none, or its comment may be lost */
	__u32 action;
	struct writer_packet packet;
	char comment[TEXT_MOST]; /* if its result has one */
	struct xdpdrop_record record;
};

int replay_output_begin(struct xdpdrop *session)
{
	struct sink *sink = &session->sink;

	if (session->replay_output || !session->output.size || session->output.listen_fds)
		return -EINVAL;
	session->replay_output = calloc(1, sizeof(struct replay_output));
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

/* Who makes the file chooses the names, and must not be able to choose one chain for all. */
static __u32 *replay_chain(struct replay_output *output, const char *ifname, unsigned int point)
{
	const size_t most = sizeof(output->interface->ifname) - 1;
	__u64 hash = (size_t)output + point;

	for (size_t i = 0; i < most && ifname[i]; i++)
		hash = ((hash ^ (unsigned char)ifname[i]) + 1) * 0x9e3779b97f4a7c15ULL;
	return &output->chain[hash >> (64 - REPLAY_CHAIN_BITS)];
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
	__u32 *chain = replay_chain(output, ifname, index);

	if (!ARRAY_GROW(output->interface, output->count))
		return -ENOMEM;
	added = &output->interface[output->count];
	added->point = index;
	added->own = !strcmp(ifname, info->ifname);
	snprintf(added->ifname, sizeof(added->ifname), "%s", ifname);
	added->next = *chain;
	*chain = output->count + 1;
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

static int replay_find_interface(struct xdpdrop *session, const char *ifname, unsigned int point)
{
	struct replay_output *output = session->replay_output;

	ifname = ifname ? ifname : session->points.point[point].info.ifname;
	for (__u32 next = *replay_chain(output, ifname, point); next;
	     next = output->interface[next - 1].next) {
		if (!replay_is_interface(&output->interface[next - 1], ifname, point))
			continue;
		output->last = next - 1;
		return 0;
	}
	return replay_add_interface(session, ifname, point);
}

static struct text replay_comment(struct xdpdrop *session, const struct xdpdrop_record *record)
{
	return comments_of(&session->sink.comments, &session->points,
			   &session->points.point[record->point].reasons, record);
}

/* It may replace the comment of the frame before in the cache. */
const char *replay_output_comment(struct xdpdrop *session,
				  const struct xdpdrop_replay_result *result)
{
	const struct xdpdrop_record record = { .reason = result->reason,
					       .rule = result->rule,
					       .point = replay_point(session, result->point) };

	if (session->replay_output)
		session->replay_output->point = NULL;
	return replay_comment(session, &record).data;
}

static bool replay_is_as_before(const struct replay_output *output,
				const struct xdpdrop_replay_frame *frame,
				const struct xdpdrop_replay_result *result)
{
	return output->point == result->point && output->action == result->action &&
	       output->record.reason == result->reason && output->record.rule == result->rule &&
	       !result->comment &&
	       replay_is_interface(&output->interface[output->last], frame->ifname,
				   output->record.point);
}

/* For other frames than the one before. Not inline, so that most frames save no registers. */
__attribute__((noinline)) static int replay_turn_to(struct xdpdrop *session,
						    const struct xdpdrop_replay_frame *frame,
						    const struct xdpdrop_replay_result *result)
{
	struct replay_output *output = session->replay_output;
	unsigned int point = replay_point(session, result->point);
	bool known = result->action <= REPLAY_LAST_ACTION;
	int err = replay_find_interface(session, frame->ifname, point);

	if (err)
		return err;
	output->record = (struct xdpdrop_record){
		.version = XDPDROP_RECORD_VERSION,
		.reason = result->reason,
		.rule = result->rule,
		.point = point,
		.action = known ? result->action : 0,
		.flags = known ? 0 : XDPDROP_F_INVALID_ACTION,
	};
	output->packet.interface = output->last;
	output->packet.reason = result->comment ?
					text_make_ready(output->comment, result->comment) :
					replay_comment(session, &output->record);
	output->action = result->action;
	output->point = result->comment ? NULL : result->point;
	return 0;
}

int replay_output_write(struct xdpdrop *session, const struct xdpdrop_replay_frame *frame,
			const struct xdpdrop_replay_result *result)
{
	struct replay_output *output = session->replay_output;
	int err = replay_is_as_before(output, frame, result) ?
			  0 :
			  replay_turn_to(session, frame, result);

	if (err)
		return err;
	output->record.len = frame->len < frame->caplen ? frame->caplen : frame->len;
	output->record.caplen =
		frame->caplen < XDPDROP_MAX_CAPLEN ? frame->caplen : XDPDROP_MAX_CAPLEN;
	output->record.rx_queue = frame->rx_queue;
	output->packet.data = frame->data;
	output->packet.realtime = frame->realtime;
	output->packet.kept = frame->comments;
	return sink_put(&session->sink, &output->record, &output->packet);
}

void replay_output_free(struct replay_output *output)
{
	if (output)
		free(output->interface);
	free(output);
}

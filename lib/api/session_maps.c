// SPDX-License-Identifier: LGPL-2.1-only
/*
 * The maps and rings of a session, and what is done at its start while they wait for the kernel.
 */
#include "api/readers.h"
#include "api/session.h"
#include "base/parallel.h"
#include "bpf/frame_netns.h"
#include "tap/tap_select.h"

static const struct log session_maps_silent;

/* That reads the types of the whole kernel. */
static void session_maps_find_netns(void *data)
{
	LOG_SCOPE(&session_maps_silent);
	(void)data;
	frame_netns_works();
}

static int session_maps_create(struct xdpdrop *session, const struct log *log)
{
	struct parallel_call finding = { 0 };
	int err;

	/* while the rings wait for RCU */
	if (session->ifaces[0].context.pipeline.hook_count)
		parallel_begin(&finding, session_maps_find_netns, NULL);
	err = capture_maps_create(&session->maps, &session->opts, readers_add_ring, session, log);
	parallel_end(&finding);
	return err;
}

void session_destroy_maps(struct xdpdrop *session)
{
	rings_free(&session->rings);
	readers_free_rings(session);
	capture_maps_destroy(&session->maps);
}

int session_create_maps(struct xdpdrop *session)
{
	return session->maps.control ? 0 : session_maps_create(session, &session->log);
}

/* An error happens again, with its message, when it is the turn of the maps. */
static void session_maps_create_early(void *data)
{
	struct xdpdrop *session = data;
	LOG_SCOPE(&session_maps_silent);

	if (session_maps_create(session, &session_maps_silent))
		session_destroy_maps(session);
}

/* Not for a capture that cannot begin, nor before a process that would inherit the rings. */
static bool session_maps_may_be_early(const struct xdpdrop *session)
{
	const struct tap *tap;

	if (!session->opts.filter || session->sink.files.next)
		return false;
	for (unsigned int i = 0; i < session->iface_count; i++) {
		struct tap_context quiet = session->ifaces[i].context;

		quiet.log = &session_maps_silent;
		if (tap_select_all(&quiet, session->tap, &tap))
			return false;
	}
	return true;
}

int session_compile(struct xdpdrop *session)
{
	struct parallel_call creating = { 0 };
	int err;

	/* this thread compiles: libpcap needs much stack for a large filter */
	if (session_maps_may_be_early(session))
		parallel_begin(&creating, session_maps_create_early, session);
	err = session_prepare_filters(session);
	parallel_end(&creating);
	if (err)
		session_destroy_maps(session);
	return err;
}

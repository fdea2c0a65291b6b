// SPDX-License-Identifier: LGPL-2.1-only
#include "api/drain.h"

#include <errno.h>
#include <limits.h>
#include <unistd.h>

#include "api/describe.h"
#include "api/readers.h"
#include "base/clock.h"

/* A program that was stopped between reserve and submit (a paused virtual CPU) gets this long. */
#define LINGER_NS 2000000000ULL
#define PAUSE_US 1000

struct drain_last {
	struct sink *sink;
	int error;
};

/* Past an error every record must still be accounted for. */
static int drain_last_record(void *data, const struct xdpdrop_record *record)
{
	struct drain_last *last = data;
	int err = sink_record(last->sink, record);

	if (err < 0 && err != -ENODATA)
		last->error = last->error ?: err;
	return 0;
}

/* Returns the first error of the output. */
static int drain_rings(struct rings *rings, struct sink *sink)
{
	__u64 end = clock_monotonic() + LINGER_NS;
	struct drain_last last = { .sink = sink };

	while (!rings_are_empty(rings)) {
		if (rings_drain(rings, ULLONG_MAX, INT_MAX, drain_last_record, &last))
			continue;
		/* a record that is reserved and not yet submitted */
		if (clock_monotonic() > end)
			break;
		usleep(PAUSE_US);
	}
	return last.error;
}

void drain_all(struct xdpdrop *session)
{
	int err;

	session->error = session->error ?: describe_points(session);
	sink_end(&session->sink);
	/* the times of several files stay by the same clock */
	if (!session->reader_count)
		sink_round(&session->sink);
	err = drain_rings(&session->rings, &session->sink);
	session->error = session->error ?: err;
	for (unsigned int i = 0; i < session->reader_count; i++) {
		struct reader *reader = &session->reader[i];

		err = drain_rings(&reader->rings, reader->sink);
		session->error = session->error ?: err;
	}
}
